import { expect } from "chai";
import fc from "fast-check";
import {
  formatPredictions,
  isSane,
  parsePredictions,
  predictionsAt,
  type Predictions,
} from "../../../handlers/answers";
import type { LabelAnswer, NumberAnswer, VectorAnswer } from "../../../lib/model-format";

const NUMBERS = { type: "number" } as const;
const numbers = (...values: string[]): Predictions => ({ type: "number", rows: values.map((value) => [value]) });

describe("predictions of a model", () => {
  const good: [string, Predictions, string][] = [
    ["numbers in lines", numbers("1.5", "2", "3"), "1.5\n2\n3"],
    ["numbers in lines with an end", numbers("1.5", "2", "3"), "1.5\n2\n3\n"],
    ["numbers between commas", numbers("1.5", "2", "3"), "1.5,2,3"],
    ["numbers between commas and blanks", numbers("1.5", "2", "3"), "1.5, 2, 3\r\n"],
    [
      "vectors in lines",
      {
        type: "vector",
        rows: [
          ["1", "0"],
          ["0.5", "0.5"],
          ["0", "1e-9"],
        ],
      },
      "1,0\n0.5 0.5\n0, 1e-9\n",
    ],
    [
      "vectors in brackets",
      {
        type: "vector",
        rows: [
          ["1", "0"],
          ["0", "1"],
          ["2", "3"],
        ],
      },
      "[1, 0]\n[0, 1]\n[2, 3]",
    ],
    ["labels in lines", { type: "label", rows: [["a"], ["b c"], ['d"e']] }, 'a\r\nb c\n"d""e"\n'],
    ["labels between commas", { type: "label", rows: [["a"], ["b"], ["c"]] }, "a,b,c\n"],
  ];
  for (const [what, predictions, text] of good) {
    it(`are read from ${what}`, () => {
      expect(parsePredictions({ type: predictions.type }, text, 3)).to.deep.equal(predictions);
    });
  }

  const bad: [string, Predictions["type"], string, string][] = [
    ["NaN", "number", "1\nnan\n3", "prediction 2 of the model's answer is not a finite number"],
    ["infinity", "number", "inf\n1\n3", "prediction 1 of the model's answer is not a finite number"],
    ["a page of HTML", "number", "<html>", "prediction 1 of the model's answer is not a finite number"],
    ["too few", "number", "1\n2", "the model answered 2 predictions to 3 rows"],
    ["too many", "number", "1,2,3,4", "the model answered 4 predictions to 3 rows"],
    ["nothing", "number", "", "the model answered 0 predictions to 3 rows"],
    [
      "a vector with NaN",
      "vector",
      "1,2\n1,nan\n1,2",
      "prediction 2 of the model's answer is not a list of finite numbers",
    ],
    ["an empty vector", "vector", "[]\n[1]\n[2]", "prediction 1 of the model's answer is not a list of finite numbers"],
    ["too few labels", "label", "a\nb", "the model answered 2 predictions to 3 rows"],
  ];
  for (const [what, type, text, problem] of bad) {
    it(`are refused where the model answers ${what}`, () => {
      expect(parsePredictions({ type }, text, 3)).to.deep.equal({ problem });
    });
  }

  it("come back unchanged from either format", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }), (values) => {
        const predictions = numbers(...values.map(String));
        expect(parsePredictions(NUMBERS, formatPredictions(predictions, "text/csv"), values.length)).to.deep.equal(
          predictions,
        );
        expect(JSON.parse(formatPredictions(predictions, "application/json"))).to.deep.equal({
          predictions: values.map((value) => value + 0),
        });
      }),
    );
  });

  it("are written as each format writes them", () => {
    const vectors: Predictions = { type: "vector", rows: [["1", "0.50"]] };
    const labels: Predictions = { type: "label", rows: [["a,b"], ['"']] };
    const written = (predictions: Predictions) =>
      (["text/csv", "application/json", "application/jsonlines"] as const).map((format) =>
        formatPredictions(predictions, format),
      );
    expect(written(numbers("7", "8.0"))).to.deep.equal([
      "7\n8.0\n",
      '{"predictions":[7,8]}',
      '{"prediction":7}\n{"prediction":8}\n',
    ]);
    expect(written(vectors)).to.deep.equal(["1,0.50\n", '{"predictions":[[1,0.5]]}', '{"prediction":[1,0.5]}\n']);
    expect(written(labels)).to.deep.equal([
      '"a,b"\n""""\n',
      '{"predictions":["a,b","\\""]}',
      '{"prediction":"a,b"}\n{"prediction":"\\""}\n',
    ]);
  });

  const sane: [NumberAnswer | VectorAnswer | LabelAnswer, string[], boolean][] = [
    [{ type: "number" }, ["1e308"], true],
    [{ type: "number", minimum: 0 }, ["-0.1"], false],
    [{ type: "label" }, ["anything"], true],
    [{ type: "label", labels: ["a", "b"] }, ["b"], true],
    [{ type: "label", labels: ["a", "b"] }, ["c"], false],
    [{ type: "vector" }, ["5"], true],
    [{ type: "vector", length: 2 }, ["5"], false],
    [{ type: "vector", minimum: 0, maximum: 1 }, ["0", "1"], true],
    [{ type: "vector", minimum: 0, maximum: 1 }, ["0", "1.1"], false],
    [{ type: "vector", sum: 1 }, ["0.333", "0.333", "0.333"], true],
    [{ type: "vector", sum: 1 }, ["0.5", "0.48"], false],
  ];
  for (const [accept, row, isRight] of sane) {
    it(`are sane by ${JSON.stringify(accept)}: ${row.join(",")}: ${isRight}`, () => {
      expect(isSane(accept, row)).to.equal(isRight);
    });
  }

  const answer = { scores: [{ p: 0.5, l: "a" }, { p: "x" }, {}], all: [[1, 2], [3]], toString: undefined };
  const found: [string, Predictions["type"], (string[] | undefined)[]][] = [
    ["scores.*.p", "number", [["0.5"], undefined, undefined]],
    ["scores.0.l", "label", [["a"]]],
    ["all.*", "vector", [["1", "2"], ["3"]]],
    ["scores.7.p", "number", [undefined]],
    ["none.*.p", "number", [undefined]],
    ["constructor.name", "label", [undefined]],
  ];
  for (const [path, type, rows] of found) {
    it(`are found in JSON at ${path}`, () => {
      expect(predictionsAt(answer, path, type)).to.deep.equal(rows);
    });
  }
});
