import { expect } from "chai";
import { FilterMismatch, parseFilter, select } from "../../services/sagemaker/transform-filter";
import { filterInput, joinOutput, payloads, RecordFailure } from "../../services/sagemaker/transform-records";
import type { DataProcessing } from "../../services/sagemaker/transform-job";

const ROW = ["a", "b", "c", "d", "e", "f", "g"];
const PERSON = { id: 7, "first name": "Ada", features: [1, 2, 3], deep: { one: { two: "here" } } };

function selected(filter: string, value: unknown): unknown {
  const steps = parseFilter(filter);
  expect(steps, filter).not.to.equal(undefined);
  return select(steps!, value);
}

describe("the filters of batch transform", () => {
  for (const [filter, value, expected] of [
    ["$", ROW, ROW],
    ["$[1]", ROW, "b"],
    ["$[-1]", ROW, "g"],
    ["$[1:]", ROW, ROW.slice(1)],
    ["$[:-2]", ROW, ROW.slice(0, -2)],
    ["$[0,5:]", ROW, ["a", "f", "g"]],
    ["$[1, 3]", ROW, ["b", "d"]],
    ["$.features", PERSON, [1, 2, 3]],
    ["$.features[0]", PERSON, 1],
    ["$['first name']", PERSON, "Ada"],
    ["$['id','features']", PERSON, { id: 7, features: [1, 2, 3] }],
    ["$.deep.['one'].two", PERSON, "here"],
    ["$.deep.*.two", PERSON, ["here"]],
    ["$[*]", ["x", "y"], ["x", "y"]],
  ] as const) {
    it(`select by ${filter} what AWS's page says`, () => {
      expect(selected(filter, value)).to.deep.equal(expected);
    });
  }

  it("do not fit data that do not have what they name", () => {
    for (const [filter, value] of [
      ["$[7]", ROW],
      ["$[-8]", ROW],
      ["$.name", PERSON],
      ["$[0]", PERSON],
    ] as const) {
      expect(() => selected(filter, value), filter).to.throw(FilterMismatch);
    }
  });

  it("are none where they are written in any other way", () => {
    for (const text of ["", "features", "$features", "$[", "$[a]", "$..id", "$[?(@.id)]", "$[1:2:3]", "$[]", "$['a]"]) {
      expect(parseFilter(text), text).to.equal(undefined);
    }
  });
});

describe("the records of batch transform", () => {
  const cut = (text: string, more: Partial<Parameters<typeof payloads>[1]> = {}) =>
    payloads(Buffer.from(text), { bySplit: "Line", singly: false, mostBytes: 7, ...more }).map(String);
  const of = (more: Partial<DataProcessing>): DataProcessing => ({
    ...{ inputFilter: [], outputFilter: [], joins: false },
    ...more,
  });
  const csv = { kind: "csv", byLine: true } as const;

  it("go as many at once as fit, one by one, or all in one", () => {
    expect(cut("1,2\n3,4\r\n5,6\n")).to.deep.equal(["1,2\n3,4", "5,6"]);
    expect(cut("1,2\n3,4\n5,6", { singly: true })).to.deep.equal(["1,2", "3,4", "5,6"]);
    expect(cut("1,2\n3,4\n", { bySplit: "None", mostBytes: 8 })).to.deep.equal(["1,2\n3,4\n"]);
  });

  it("are too large where one is larger than a payload may be", () => {
    expect(() => cut("1,2\n12345678\n")).to.throw(RecordFailure, "Too much data for max payload size");
    expect(() => cut("1,2\n3,4\n", { bySplit: "None" })).to.throw(RecordFailure, "a record of 8 bytes");
  });

  it("lose cells before the model, and have them again behind it, quotes and commas as they were", () => {
    const rows = 'id-1,"a, ""b""",2\nid-2,,3';
    const processing = of({ inputFilter: parseFilter("$[1:]")!, outputFilter: parseFilter("$[0,-1]")!, joins: true });

    expect(filterInput(rows, processing, csv)).to.equal('"a, ""b""",2\n,3');
    expect(joinOutput(rows, "0.5\n0.25\n", processing, csv)).to.equal("id-1,0.5\nid-2,0.25");
    expect(joinOutput(rows, "0.5\n0.25", of({ joins: true }), csv)).to.equal('id-1,"a, ""b""",2,0.5\nid-2,,3,0.25');
  });

  it("get the answer as SageMakerOutput where they are JSON objects, and become such where they are not", () => {
    const lines = { kind: "json", byLine: true } as const;

    expect(joinOutput('{"id":1}\n[2,3]', '{"score":0.5}\n{"score":1}', of({ joins: true }), lines)).to.equal(
      '{"id":1,"SageMakerOutput":{"score":0.5}}\n{"SageMakerInput":[2,3],"SageMakerOutput":{"score":1}}',
    );
    const kept = of({ joins: true, outputFilter: parseFilter("$['id','SageMakerOutput']")! });
    expect(joinOutput('{"id":1,"x":2}', "0.5", kept, { kind: "json", byLine: false })).to.equal(
      '{"id":1,"SageMakerOutput":0.5}',
    );
  });

  it("cannot be joined where the model answers more or fewer, and must be what they are said to be", () => {
    expect(() => joinOutput("1\n2", "1", of({ joins: true }), csv)).to.throw(
      RecordFailure,
      "Fail to join data: mismatched line count between the input and the output",
    );
    expect(() => filterInput("{", of({}), { kind: "json", byLine: false })).to.throw(RecordFailure, "JSON");
    expect(() => filterInput("1,2", of({ inputFilter: parseFilter("$[2]")! }), csv)).to.throw(
      RecordFailure,
      "InputFilter does not fit the data: there is no element 2 among 2",
    );
  });
});
