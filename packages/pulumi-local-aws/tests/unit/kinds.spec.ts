import { expect } from "chai";
import fc from "fast-check";
import { block, boolean, json, list, map, number, set, text } from "../../kinds";
import { type Kind, optional, propertyChanges, refreshedProperty, required, withDefault } from "../../properties";
import { type Value, UNKNOWN, reveal, secret } from "../../values";

const word = fc.stringMatching(/^[a-c]{0,2}$/);
const variant = block({ name: required(text), weight: withDefault(number, 1), note: optional(text) });

/** Kinds with values of theirs, few enough that two of them are often the same. */
const samples: readonly (readonly [string, Kind<unknown>, fc.Arbitrary<Value>])[] = [
  ["a string", text, word],
  ["a number", number, fc.integer({ min: 0, max: 2 })],
  ["a boolean", boolean, fc.boolean()],
  [
    "a document",
    json,
    fc.dictionary(word, fc.integer({ min: 0, max: 1 }), { maxKeys: 2 }).map((v) => JSON.stringify(v)),
  ],
  ["a list", list(text), fc.array(word, { maxLength: 2 })],
  ["a set", set(text), fc.array(word, { maxLength: 2 })],
  [
    "a set of blocks",
    set(variant),
    fc.array(fc.record({ name: word, weight: fc.constantFrom(1, 2) }, { requiredKeys: ["name"] }), { maxLength: 2 }),
  ],
  ["a map", map(text), fc.dictionary(word, word, { maxKeys: 2 })],
  [
    "a block",
    variant,
    fc.record(
      { name: word, weight: fc.integer({ min: 0, max: 2 }), note: fc.constantFrom("x", "y") },
      { requiredKeys: ["name"] },
    ),
  ],
];

describe("the provider plugin's kinds of values", () => {
  for (const [name, kind, arbitrary] of samples) {
    it(`${name}: changes are found exactly where two values are not the same`, () => {
      fc.assert(
        fc.property(arbitrary, arbitrary, (old, next) => {
          const changes = kind.same(old, next) ? [] : kind.changes("p", old, next);
          expect(changes.length === 0).to.equal(kind.same(old, next));
          expect(changes.every(({ path }) => path.startsWith("p"))).to.equal(true);
        }),
      );
    });

    it(`${name}: what a refresh records is the same as what AWS has, and unchanged where that was the same before`, () => {
      fc.assert(
        fc.property(arbitrary, arbitrary, (recorded, live) => {
          const refreshed = kind.refreshed(recorded, live);
          expect(kind.same(refreshed, live)).to.equal(true);
          if (kind.same(recorded, live)) {
            expect(kind.same(recorded, refreshed)).to.equal(true);
          }
        }),
      );
    });

    it(`${name}: a good value has no problems, secret or not, and an unknown one neither`, () => {
      fc.assert(
        fc.property(arbitrary, (value) => {
          expect(kind.problems(value, "p")).to.deep.equal([]);
          expect(kind.problems(secret(value), "p")).to.deep.equal([]);
          expect(reveal(secret(value))).to.deep.equal(value);
        }),
      );
      expect(kind.problems(UNKNOWN, "p")).to.deep.equal([]);
    });
  }

  it("an unknown is not the same as anything, itself included", () => {
    expect(text.same(UNKNOWN, UNKNOWN)).to.equal(false);
    expect(propertyChanges("p", required(text), "a", UNKNOWN)).to.deep.equal([{ path: "p", kind: "update" }]);
  });

  it("a set does not care for the order, nor for a default that one side leaves out, but counts", () => {
    const [a, b] = [{ name: "a" }, { name: "b", weight: 1 }];
    expect(set(variant).same([a, b], [{ name: "b" }, { name: "a", weight: 1 }])).to.equal(true);
    expect(set(variant).same([a, a, b], [a, b, b])).to.equal(false);
  });

  it("an argument that the program leaves out is recorded only where AWS has something else than usual", () => {
    expect(refreshedProperty(withDefault(number, 3), undefined, 3)).to.equal(undefined);
    expect(refreshedProperty(withDefault(number, 3), undefined, 4)).to.equal(4);
    expect(refreshedProperty(optional(text), undefined, "")).to.equal(undefined);
    expect(refreshedProperty(optional(text, { computed: true }), undefined, "chosen by AWS")).to.equal(undefined);
    expect(refreshedProperty(optional(text, { unread: true }), "kept", undefined)).to.equal("kept");
  });
});
