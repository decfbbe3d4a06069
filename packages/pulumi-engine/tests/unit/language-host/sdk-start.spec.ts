import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { temporaryFolder } from "../../../testing/temporary-folder";

const SDK_START = resolve(__dirname, "../../../language-host/sdk-start.cjs");
const CLOSURES = "node_modules/@pulumi/pulumi/runtime/closure/codePaths.js";

describe("the start of the SDK", () => {
  const folder = temporaryFolder();

  function file(path: string, code: string): void {
    mkdirSync(dirname(join(folder.path, path)), { recursive: true });
    writeFileSync(join(folder.path, path), code);
  }
  /** What the program prints, with a package `typescript` that prints when it is loaded. */
  function printed(program: string): string[] {
    file("node_modules/typescript/index.js", 'console.log("loaded"); exports.version = "1"; exports.other = "2";');
    file("index.js", program);
    return execFileSync(process.execPath, ["--require", SDK_START, join(folder.path, "index.js")])
      .toString()
      .trim()
      .split("\n");
  }

  it("leaves a package that is seldom used alone until something of it is asked for, and then loads it once", () => {
    file(CLOSURES, 'const ts = require("typescript"); exports.use = () => ts.version + ts.other;');
    const program = `const sdk = require("./${CLOSURES}"); console.log("started"); console.log(sdk.use(), sdk.use());`;

    expect(printed(program)).to.deep.equal(["started", "loaded", "12 12"]);
  });

  it("does so for code that TypeScript has compiled too", () => {
    const importStar = "const star = (mod) => (mod && mod.__esModule ? mod : { ...mod });";
    file(CLOSURES, `${importStar} const ts = star(require("typescript")); exports.use = () => ts.version;`);
    const program = `const sdk = require("./${CLOSURES}"); console.log("started"); console.log(sdk.use());`;

    expect(printed(program)).to.deep.equal(["started", "loaded", "1"]);
  });

  it("says at once that a package is not there, for which the SDK has a substitute", () => {
    const shim = "node_modules/@pulumi/pulumi/typescript-shim.js";
    const substitute = 'try { module.exports = require("typescript"); } catch { module.exports = "its own"; }';
    file(shim, substitute.replaceAll("typescript", "@npmcli/arborist"));

    expect(printed(`console.log(require("./${shim}"));`)).to.deep.equal(["its own"]);
  });

  it("gives anything else its packages at once", () => {
    const program = 'const ts = require("typescript"); console.log(Object.keys(ts).join());';

    expect(printed(program)).to.deep.equal(["loaded", "version,other"]);
  });
});
