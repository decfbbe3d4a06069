import { expect } from "chai";
import fc from "fast-check";
import { runtimeOptions, splitArguments } from "../../../language-host/runtime-options";
import { programIn } from "./client";

describe("runtime options in Pulumi.yaml", () => {
  const read = (options: Record<string, string | boolean | number>) => runtimeOptions(programIn("/program", options));

  it("have the defaults of Pulumi's own host", () => {
    const defaults = { typescript: true, tsconfig: undefined, nodeargs: [], packagemanager: "npm" };
    expect(read({})).to.deep.equal(defaults);
    expect(runtimeOptions(undefined)).to.deep.equal(defaults);
  });

  it("are taken as they are written", () => {
    expect(
      read({ typescript: false, tsconfig: "a/tsconfig.json", nodeargs: "--import tsx", packagemanager: "pnpm" }),
    ).to.deep.equal({
      typescript: false,
      tsconfig: "a/tsconfig.json",
      nodeargs: ["--import", "tsx"],
      packagemanager: "pnpm",
    });
  });

  for (const [options, message] of [
    [{ typescript: "no" }, 'runtime option typescript in Pulumi.yaml must be true or false, got "no"'],
    [{ tsconfig: 1 }, "runtime option tsconfig in Pulumi.yaml must be a path, got 1"],
    [{ nodeargs: true }, "runtime option nodeargs in Pulumi.yaml must be a string, got true"],
    [
      { packagemanager: "rm" },
      'runtime option packagemanager in Pulumi.yaml must be auto, npm, yarn, pnpm, bun, got "rm"',
    ],
  ] as const) {
    it(`are refused by name where they are wrong: ${JSON.stringify(options)}`, () => {
      expect(() => read(options)).to.throw(message);
    });
  }
});

describe("node arguments", () => {
  for (const [line, parts] of [
    ["", []],
    ["  --import  tsx ", ["--import", "tsx"]],
    ["--require './some where/a.js'", ["--require", "./some where/a.js"]],
    ['--title="two words" x', ["--title=two words", "x"]],
    [String.raw`a\ b "c\"d" 'e\f'`, ["a b", 'c"d', String.raw`e\f`]],
    ["'' x", ["", "x"]],
  ] as const) {
    it(`are split as a shell does: ${JSON.stringify(line)}`, () => {
      expect(splitArguments(line)).to.deep.equal(parts);
    });
  }

  it("that have a quote without its end are refused", () => {
    expect(() => splitArguments("--import 'tsx")).to.throw("a quote or backslash without its end: 'tsx");
  });

  it("that are quoted one by one come back as they were", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (parts) => {
        const line = parts.map((part) => `"${part.replaceAll(/["\\]/g, String.raw`\$&`)}"`).join(" ");
        expect(splitArguments(line)).to.deep.equal(parts);
      }),
    );
  });
});
