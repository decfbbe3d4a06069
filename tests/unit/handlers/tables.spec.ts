import { expect } from "chai";
import fc from "fast-check";
import type { Format } from "../../../handlers/http";
import { parseRows, RefusedRows } from "../../../handlers/rows";
import type { InputColumn } from "../../../lib/model-format";

const COLUMNS: readonly InputColumn[] = [
  { name: "plan", type: "text", values: ["basic", "pro"] },
  { name: "city", type: "text", optional: true },
  { name: "months", minimum: 0, maximum: 600, optional: true },
];

describe("rows with texts, missing values and names", () => {
  const good: [string, Format, string, string, boolean][] = [
    ["texts in CSV", "text/csv", "pro,Bern,3\nbasic, Zürich ,4", "pro,Bern,3\nbasic,Zürich,4", false],
    ["quoted texts", "text/csv", 'pro,"a, ""b""",3', 'pro,"a, ""b""",3', false],
    ["a quoted line end", "text/csv", 'pro,"a\nb",3\r\nbasic,c,4\r\n', 'pro,"a\nb",3\nbasic,c,4', false],
    ["quotes inside of a text", "text/csv", 'pro,6" pipe,3', 'pro,"6"" pipe",3', false],
    ["missing values in CSV", "text/csv", "pro,,", "pro,,", false],
    ["an empty text, which is not missing", "text/csv", 'pro,"",3', 'pro,"",3', false],
    [
      "lists in JSON",
      "application/json",
      '{"instances":[["pro","a,b",3],["basic",null,null]]}',
      'pro,"a,b",3\nbasic,,',
      false,
    ],
    [
      "objects in JSON",
      "application/json",
      '{"instances":[{"months":3,"plan":"pro"},{"plan":"basic","city":" x"}]}',
      'pro,,3\nbasic," x",',
      false,
    ],
    ["a list of objects", "application/json", '[{"plan":"pro"}]', "pro,,", false],
    ["a single object", "application/json", '{"plan":"pro","city":null,"months":1}', "pro,,1", false],
    ["a single list", "application/json", '["pro","Bern",1]', "pro,Bern,1", false],
    ["JSON Lines", "application/jsonlines", '{"plan":"pro","months":1}\n["basic","b",2]\n', "pro,,1\nbasic,b,2", false],
    ["a text that the training data did not have", "text/csv", "gold,Bern,3", "gold,Bern,3", true],
    ["a number that it did not have", "application/jsonlines", '{"plan":"pro","months":601}', "pro,,601", true],
  ];
  for (const [what, format, body, csv, isUnusual] of good) {
    it(`take ${what}`, () => {
      const { columns, ...rows } = parseRows(body, format, COLUMNS);
      expect(columns).to.equal(3);
      expect(rows).to.deep.include({ csv, isUnusual });
    });
  }

  const refused: [string, Format, string, string][] = [
    ["too few columns", "text/csv", "pro,Bern", "row 1 has 2 columns, the model takes 3"],
    ["too many columns", "text/csv", "pro,Bern,3,x", "row 1 has 4 columns, the model takes 3"],
    ["a missing text", "text/csv", ",Bern,3", "row 1, column 1 is missing"],
    ["a missing member", "application/json", '{"city":"Bern"}', "row 1, column 1 is missing"],
    ["a number in a text's place", "application/json", '[["pro",3,3]]', "row 1, column 2 is not a text: 3"],
    ["a text in a number's place", "text/csv", "pro,Bern,3\npro,Bern,four", 'row 2, column 3 is not a number: "four"'],
    [
      "a name that there is not",
      "application/json",
      '[{"plan":"pro","age":3}]',
      'row 1 has "age", which is no column: there are plan, city, months',
    ],
    [
      "a name of every object",
      "application/json",
      '[{"plan":"pro","__proto__":3}]',
      'row 1 has "__proto__", which is no column: there are plan, city, months',
    ],
    [
      "a control character",
      "application/json",
      '[["pro","\\u0000",3]]',
      "row 1, column 2 has a control character or half a character",
    ],
    [
      "half a character",
      "application/json",
      '[["pro","\\ud800",3]]',
      "row 1, column 2 has a control character or half a character",
    ],
    ["a quote that is not closed", "text/csv", 'pro,"Bern,3', "row 1, column 2 has a quote that is not closed"],
    [
      "more text behind a quote",
      "text/csv",
      'pro,"Bern" x,3',
      "row 1, column 2 has more text behind its closing quote",
    ],
    [
      "a quoted number",
      "text/csv",
      'pro,Bern,"3"',
      'row 1, column 3 is not a number: "\\"3\\""; rows are sent without a header',
    ],
  ];
  for (const [what, format, body, message] of refused) {
    it(`are refused, as another release might take them, for ${what}`, () => {
      expect(() => parseRows(body, format, COLUMNS))
        .to.throw(RefusedRows, message)
        .that.includes({ statusCode: 400, message });
    });
  }

  const unread: [string, Format, string, number, string][] = [
    ["a line that is no JSON", "application/jsonlines", '["pro","b",1]\n["pro"', 400, "line 2 is not valid JSON"],
    [
      "a line that is no row",
      "application/jsonlines",
      '"pro"',
      400,
      'row 1 must be an object or a list of values, got "pro"',
    ],
    [
      "too many lines",
      "application/jsonlines",
      "{}\n".repeat(10_001),
      413,
      "10001 rows, at most 10000 are taken in one request",
    ],
    [
      "too many objects",
      "application/json",
      `[${"{},".repeat(10_000)}{}]`,
      413,
      "10001 rows, at most 10000 are taken in one request",
    ],
    [
      "deep nesting",
      "application/jsonlines",
      "[".repeat(9),
      400,
      "the JSON is nested deeper than 8 levels: send rows of numbers",
    ],
  ];
  for (const [what, format, body, statusCode, message] of unread) {
    it(`are not read at all for ${what}`, () => {
      expect(() => parseRows(body, format, COLUMNS))
        .to.throw(message)
        .that.includes({ statusCode, message })
        .and.not.instanceOf(RefusedRows);
    });
  }

  it("reach the model the same, whichever way they were sent", () => {
    const text = fc
      .string({ unit: "grapheme", minLength: 1 })
      .filter((one) => !/[\0-\x1f\x7f]|\p{Surrogate}/u.test(one));
    const row = fc.record({
      plan: text,
      city: fc.option(text),
      months: fc.option(fc.integer({ min: 0, max: 600 })),
    });
    const quoted = (one: string | number | null) =>
      typeof one === "string" ? `"${one.replaceAll('"', '""')}"` : (one ?? "");
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (rows) => {
        const csv = rows.map(({ plan, city, months }) => [plan, city, months].map(quoted).join(",")).join("\n");
        const sent: [string, Format][] = [
          [csv, "text/csv"],
          [JSON.stringify({ instances: rows }), "application/json"],
          [JSON.stringify(rows.map(({ plan, city, months }) => [plan, city, months])), "application/json"],
          [rows.map((one) => JSON.stringify(one)).join("\n"), "application/jsonlines"],
        ];
        const [first, ...others] = sent.map(([body, format]) => parseRows(body, format, COLUMNS).csv);
        others.forEach((other) => expect(other).to.equal(first));
      }),
    );
  });

  it("are read in a time that grows with their length alone", () => {
    const bodies: [string, Format][] = [
      ['"'.repeat(400_001), "text/csv"],
      [`"${'""'.repeat(400_000)}`, "text/csv"],
      [`${" ".repeat(400_000)}"`, "text/csv"],
      ['"a" '.repeat(100_000), "text/csv"],
      ["{".repeat(8) + '"a":'.repeat(100_000), "application/jsonlines"],
      [`{${'"a":1,'.repeat(100_000)}"b":1}`, "application/json"],
    ];
    for (const [body, format] of bodies) {
      const started = performance.now();
      expect(() => parseRows(body, format, COLUMNS)).to.throw();
      expect(performance.now() - started).to.be.lessThan(300);
    }
  });
});
