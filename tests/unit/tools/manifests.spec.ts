import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../../..");

describe("the manifests of what Pulumi runs of the package", () => {
  const manifest = (folder: string) =>
    JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8")) as { version: string; main: string };

  for (const folder of ["plugin", "policy"]) {
    it(`${folder} has the package's version, and names what the build makes`, () => {
      expect(manifest(folder)).to.deep.include({ version: manifest(".").version, main: `../dist/${folder}.js` });
    });
  }
});
