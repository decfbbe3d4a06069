import { expect } from "chai";
import fc from "fast-check";
import { parsePattern } from "../../services/events/pattern";

const matches = (pattern: unknown, event: object) => parsePattern(JSON.stringify(pattern))(event);

/** Whether each of the values, as `x` of an event, is one that the entries of a pattern mean. */
const of = (entries: readonly unknown[], values: readonly unknown[]) =>
  values.map((x) => matches({ x: entries }, { x }));

describe("an event pattern", () => {
  it("means events that have all its members, each with one of the values", () => {
    const pattern = {
      source: ["aws.s3"],
      detail: { bucket: { name: ["a", "b"] }, object: { key: ["data-source.zip"] } },
    };
    const event = (name: string, key: string) => ({
      source: "aws.s3",
      "detail-type": "Object Created",
      detail: { bucket: { name }, object: { key, size: 5 } },
    });
    expect(matches(pattern, event("b", "data-source.zip"))).to.equal(true);
    expect(matches(pattern, event("c", "data-source.zip"))).to.equal(false);
    expect(matches(pattern, event("a", "other.zip"))).to.equal(false);
    expect(matches(pattern, { source: "aws.s3", detail: {} })).to.equal(false);
  });

  it("compares values exactly: texts, numbers, truths, nothing and the empty text", () => {
    expect(of(["1"], ["1", 1, "10"])).to.deep.equal([true, false, false]);
    expect(of([1, true], [1, true, "true", false])).to.deep.equal([true, true, false, false]);
    expect(of([null, ""], [null, "", 0])).to.deep.equal([true, true, false]);
    expect(matches({ x: [null] }, {})).to.equal(false);
  });

  it("means a list that has one of the values, and in a list of structures one that is all that is wanted", () => {
    expect(matches({ resources: ["b"] }, { resources: ["a", "b"] })).to.equal(true);
    expect(matches({ resources: ["c"] }, { resources: ["a", "b"] })).to.equal(false);
    const pattern = { parts: { a: [1], b: [2] } };
    expect(
      matches(pattern, {
        parts: [
          { a: 0, b: 0 },
          { a: 1, b: 2 },
        ],
      }),
    ).to.equal(true);
    expect(
      matches(pattern, {
        parts: [
          { a: 1, b: 0 },
          { a: 0, b: 2 },
        ],
      }),
    ).to.equal(false);
  });

  it("knows beginnings and ends, whatever the case where it says so", () => {
    const texts = ["us-east-1", "US-west-2", "eu", 5];
    expect(of([{ prefix: "us-" }], texts)).to.deep.equal([true, false, false, false]);
    expect(of([{ prefix: { "equals-ignore-case": "us-" } }], texts)).to.deep.equal([true, true, false, false]);
    expect(of([{ suffix: "-1" }], texts)).to.deep.equal([true, false, false, false]);
    expect(of([{ suffix: { "equals-ignore-case": "WEST-2" } }], texts)).to.deep.equal([false, true, false, false]);
    expect(of([{ "equals-ignore-case": "EU" }], texts)).to.deep.equal([false, false, true, false]);
  });

  it("knows wildcards, of which a backslash makes an ordinary character", () => {
    expect(of([{ wildcard: "dir/*.png" }], ["dir/a.png", "dir/a/b.png", "dir/apng", "a/dir/.png"])).to.deep.equal([
      true,
      true,
      false,
      false,
    ]);
    expect(of([{ wildcard: "a\\*b" }], ["a*b", "axb"])).to.deep.equal([true, false]);
  });

  it("knows anything but some values, for members that are there", () => {
    const texts = ["init", "ready", "INIT", 5];
    expect(of([{ "anything-but": "init" }], texts)).to.deep.equal([false, true, true, true]);
    expect(of([{ "anything-but": ["init", 5] }], texts)).to.deep.equal([false, true, true, false]);
    expect(of([{ "anything-but": { prefix: "in" } }], texts)).to.deep.equal([false, true, true, true]);
    expect(of([{ "anything-but": { suffix: ["t", "y"] } }], texts)).to.deep.equal([false, false, true, true]);
    expect(of([{ "anything-but": { "equals-ignore-case": "init" } }], texts)).to.deep.equal([false, true, false, true]);
    expect(of([{ "anything-but": { wildcard: "*ea*" } }], texts)).to.deep.equal([true, false, true, true]);
    expect(matches({ x: [{ "anything-but": "init" }] }, { y: 1 })).to.equal(false);
  });

  it("knows numbers in a range", () => {
    expect(of([{ numeric: [">", 0, "<=", 5] }], [0, 0.1, 5, 5.1, "3"])).to.deep.equal([
      false,
      true,
      true,
      false,
      false,
    ]);
    expect(of([{ numeric: ["=", 3e2] }], [300, 301])).to.deep.equal([true, false]);
  });

  it("knows whether a member is there, at whatever depth", () => {
    expect(matches({ a: { b: [{ exists: true }] } }, { a: { b: null } })).to.equal(true);
    expect(matches({ a: { b: [{ exists: true }] } }, { a: { c: 1 } })).to.equal(false);
    expect(matches({ a: { b: [{ exists: false }] } }, { a: { c: 1 } })).to.equal(true);
    expect(matches({ a: { b: [{ exists: false }] } }, {})).to.equal(true);
    expect(matches({ a: { b: [{ exists: false }] } }, { a: { b: 0 } })).to.equal(false);
    expect(matches({ a: { b: [{ exists: false }, "x"] } }, { a: { b: "x" } })).to.equal(true);
  });

  it("knows alternatives beside what it wants in any case", () => {
    const pattern = { source: ["s"], $or: [{ detail: { a: [1] } }, { detail: { b: [{ prefix: "x" }] } }] };
    expect(matches(pattern, { source: "s", detail: { a: 1 } })).to.equal(true);
    expect(matches(pattern, { source: "s", detail: { b: "xy" } })).to.equal(true);
    expect(matches(pattern, { source: "s", detail: { a: 2 } })).to.equal(false);
    expect(matches(pattern, { source: "t", detail: { a: 1 } })).to.equal(false);
  });

  it("is refused where it is none, and by name where it wants what is not here", () => {
    const read = (pattern: unknown) => () => parsePattern(JSON.stringify(pattern));
    expect(() => parsePattern("{")).to.throw("it is not JSON");
    expect(read([])).to.throw("Filter is not an object");
    expect(read({})).to.throw("Empty objects are not allowed");
    expect(read({ source: "aws.s3" })).to.throw('"source" must be an object or an array');
    expect(read({ source: [] })).to.throw("Empty arrays are not allowed");
    expect(read({ x: [{ prefx: "a" }] })).to.throw("Unrecognized match type prefx");
    expect(read({ x: [{ prefix: 1 }] })).to.throw("prefix match pattern must be a string");
    expect(read({ x: [{ exists: "true" }] })).to.throw("exists match pattern must be either true or false");
    expect(read({ x: [{ numeric: [">", "0"] }] })).to.throw("Bad numeric comparison");
    expect(read({ x: [{ numeric: ["~", 0] }] })).to.throw("Bad numeric comparison");
    expect(read({ x: [{ "anything-but": { numeric: [1] } }] })).to.throw("Inside anything-but");
    expect(read({ x: [{ prefix: "a", suffix: "b" }] })).to.throw("Only one key");
    expect(read({ $or: [{ x: [1] }] })).to.throw("$or must be an array of at least two objects");
    expect(read({ x: [{ cidr: "10.0.0.0/8" }] })).to.throw(
      "NotImplemented: EventBridge.event pattern with the operator cidr",
    );
  });

  it("made of an event means that event, and a value more means no less", () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    const event = fc.dictionary(
      fc.constantFrom("a", "b", "c"),
      fc.oneof(leaf, fc.dictionary(fc.constantFrom("d", "e"), leaf, { minKeys: 1 })),
      { minKeys: 1 },
    );
    const patternOf = (value: unknown, more: unknown[]): unknown =>
      typeof value === "object" && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, patternOf(inside, more)]))
        : [...more, value];
    fc.assert(
      fc.property(event, fc.array(leaf), (made, more) => {
        expect(matches(patternOf(made, more), made)).to.equal(true);
      }),
    );
  });
});
