import { expect } from "chai";
import fc from "fast-check";
import { RequestError, type Format } from "../../../handlers/http";
import { MAX_ROWS, parseRows } from "../../../handlers/rows";

describe("rows of a request", () => {
  const good: [string, Format, string, string, number, number][] = [
    ["one CSV row", "text/csv", "1,2,3", "1,2,3", 1, 3],
    ["several CSV rows", "text/csv", "1,2\n3,4\n", "1,2\n3,4", 2, 2],
    ["CSV with Windows line ends", "text/csv", "1,2\r\n3,4\r\n", "1,2\n3,4", 2, 2],
    ["CSV with a byte order mark", "text/csv", "\uFEFF1,2", "1,2", 1, 2],
    ["CSV with blanks around cells", "text/csv", " 1 , 2.5\n", "1,2.5", 1, 2],
    ["signs, exponents and bare points", "text/csv", "-1,+2.5e-3,.5,4.", "-1,+2.5e-3,.5,4.", 1, 4],
    ["JSON instances", "application/json", '{"instances": [[1, 2], [3, 4.5]]}', "1,2\n3,4.5", 2, 2],
    ["a JSON list of rows", "application/json", "[[1, 2], [3, 4.5]]", "1,2\n3,4.5", 2, 2],
    ["a single JSON row", "application/json", "[1, 2.5, -3]", "1,2.5,-3", 1, 3],
    [
      "members of JSON that are no rows",
      "application/json",
      '{"about": {"[{": [1, "]\\\\\\""]}, "instances": [[1]]}',
      "1",
      1,
      1,
    ],
  ];
  for (const [what, format, body, csv, count, columns] of good) {
    it(`takes ${what}`, () => {
      expect(parseRows(body, format)).to.deep.equal({ csv, count, columns, isUnusual: false });
    });
  }

  const bad: [string, Format, string, number, string][] = [
    [
      "a header",
      "text/csv",
      "distance,minutes\n1,2",
      400,
      'row 1, column 1 is not a number: "distance"; rows are sent without a header',
    ],
    ["a word", "text/csv", "1,2\n3,four", 400, 'row 2, column 2 is not a number: "four"'],
    ["an empty cell", "text/csv", "1,2\n3,", 400, 'row 2, column 2 is not a number: ""'],
    ["a blank line between rows", "text/csv", "1,2\n\n3,4", 400, 'row 2, column 1 is not a number: ""'],
    ["a quoted cell", "text/csv", '1,2\n"3",4', 400, 'row 2, column 1 is not a number: "\\"3\\""'],
    ["NaN", "text/csv", "1,2\nNaN,4", 400, 'row 2, column 1 is not a number: "NaN"'],
    [
      "a number beyond all numbers",
      "text/csv",
      "1\n1e999",
      400,
      "row 2, column 1 is beyond the numbers of models, -3.4e38 to 3.4e38",
    ],
    ["hexadecimal", "text/csv", "1\n0x10", 400, 'row 2, column 1 is not a number: "0x10"'],
    ["ragged rows", "text/csv", "1,2,3\n1,2", 400, "row 2 has 2 columns, but row 1 has 3"],
    ["broken JSON", "application/json", '{"instances": [[1,', 400, "the body is not valid JSON"],
    [
      "JSON of another shape",
      "application/json",
      '{"features": [1]}',
      400,
      'JSON must be {"instances": [[...], ...]}, [[...], ...], or [...] for a single row',
    ],
    [
      "instances that are no rows",
      "application/json",
      '{"instances": [1, 2]}',
      400,
      "row 1 must be a list of numbers, got 1",
    ],
    ["rows and numbers mixed", "application/json", "[[1], 2]", 400, "row 2 must be a list of numbers, got 2"],
    ["an empty row", "application/json", "[[]]", 400, "row 1 must be a list of numbers, got []"],
    ["no instances", "application/json", '{"instances": []}', 400, "no rows: send at least one"],
    ["an empty list", "application/json", "[]", 400, "no rows: send at least one"],
    ["a number in quotes", "application/json", '[[1, "2"]]', 400, 'row 1, column 2 is not a number: "2"'],
    ["null", "application/json", "[[1, null]]", 400, "row 1, column 2 is not a number: null"],
    [
      "an infinite literal",
      "application/json",
      "[[1e999]]",
      400,
      "row 1, column 1 is beyond the numbers of models, -3.4e38 to 3.4e38",
    ],
    ["ragged JSON rows", "application/json", "[[1, 2], [3]]", 400, "row 2 has 1 column, but row 1 has 2"],
    [
      "a number that is infinite in 32 bits",
      "text/csv",
      "1,1e308",
      400,
      "row 1, column 2 is beyond the numbers of models, -3.4e38 to 3.4e38",
    ],
    [
      "deep nesting",
      "application/json",
      "[".repeat(6000),
      400,
      "the JSON is nested deeper than 8 levels: send rows of numbers",
    ],
    [
      "deep nesting beside the rows",
      "application/json",
      `{"a": ${'{"a": '.repeat(8)}`,
      400,
      "the JSON is nested deeper than 8 levels: send rows of numbers",
    ],
    [
      "too many numbers",
      "text/csv",
      `${"1,".repeat(100)}1\n`.repeat(10_000),
      413,
      "1010000 numbers, at most 500000 are taken in one request",
    ],
    [
      "too many numbers in one row of JSON",
      "application/json",
      `[${"1,".repeat(500_000)}1]`,
      413,
      "500001 numbers, at most 500000 are taken in one request",
    ],
    [
      "too many rows of JSON",
      "application/json",
      `[${"[1],".repeat(1_000_000)}[1]]`,
      413,
      "1000001 rows, at most 10000 are taken in one request",
    ],
    [
      "too many instances",
      "application/json",
      `{"instances": [${"[1],".repeat(10_000)}[1]]}`,
      413,
      "10001 rows, at most 10000 are taken in one request",
    ],
    ["too many rows", "text/csv", "1\n".repeat(10_001), 413, "10001 rows, at most 10000 are taken in one request"],
  ];
  for (const [what, format, body, statusCode, message] of bad) {
    it(`refuses ${what}`, () => {
      expect(() => parseRows(body, format))
        .to.throw(RequestError, message)
        .that.includes({ statusCode, message });
    });
  }

  it("takes as many rows as it says", () => {
    expect(parseRows("1\n".repeat(MAX_ROWS), "text/csv").count).to.equal(MAX_ROWS);
  });

  it("shows only the beginning of a long cell", () => {
    expect(() => parseRows("x".repeat(1000), "text/csv")).to.throw(`is not a number: "${"x".repeat(40)}..."`);
  });

  const table = fc.integer({ min: 1, max: 5 }).chain((columns) =>
    fc.array(
      fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -3.4e38, max: 3.4e38 }), {
        minLength: columns,
        maxLength: columns,
      }),
      {
        minLength: 1,
        maxLength: 8,
      },
    ),
  );

  it("sends the model the very numbers of any table, as JSON or as CSV", () => {
    fc.assert(
      fc.property(table, (rows) => {
        const numbers = (csv: string) => csv.split("\n").map((row) => row.split(",").map((cell) => Number(cell) + 0));
        const expected = rows.map((row) => row.map((cell) => cell + 0));
        const asCsv = parseRows(rows.map((row) => row.join(",")).join("\n"), "text/csv");
        const asJson = parseRows(JSON.stringify({ instances: rows }), "application/json");
        expect(numbers(asCsv.csv)).to.deep.equal(expected);
        expect(numbers(asJson.csv)).to.deep.equal(expected);
        expect([asCsv.count, asJson.count]).to.deep.equal([rows.length, rows.length]);
      }),
    );
  });

  it("reads a long cell in a time that grows with its length alone", () => {
    for (const text of ["1".repeat(40_000) + "x", " ".repeat(40_000) + "x", "1" + "\n".repeat(40_000) + "x"]) {
      const started = performance.now();
      expect(() => parseRows(text, "text/csv")).to.throw(RequestError);
      expect(performance.now() - started).to.be.lessThan(100);
    }
  });

  it("answers any text with rows or with a RequestError, never with another error", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom<Format>("text/csv", "application/json", "application/jsonlines"),
        (text, format) => {
          try {
            expect(parseRows(text, format).csv).to.match(/^[-+.\de,\n]+$/i);
          } catch (error) {
            expect(error).to.be.instanceOf(RequestError);
          }
        },
      ),
    );
  });
});
