import { expect } from "chai";
import { mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { environmentName, findPython } from "../../python-env";
import { temporaryFolder } from "../../testing/temporary-folder";

const LOCK_FILE = resolve(__dirname, "../../python/requirements.lock");
const lockFile = readFileSync(LOCK_FILE, "utf8");

describe("the Python environment", () => {
  const folder = temporaryFolder();

  it("is another one for another lock file or another Python, but not for another patch of it", () => {
    const name = environmentName("moto==5", [3, 11, 7]);
    expect(name).to.match(new RegExp(`^python-3\\.11-${process.platform}-${process.arch}-[0-9a-f]{12}$`));
    expect(environmentName("moto==5", [3, 11, 9])).to.equal(name);
    expect(environmentName("moto==5", [3, 12, 7])).to.not.equal(name);
    expect(environmentName("moto==6", [3, 11, 7])).to.not.equal(name);
  });

  it("is found again in the cache for the present lock file only", () => {
    mkdirSync(join(folder.path, environmentName("old", [3, 11, 7])));
    expect(findPython(folder.path)).to.equal(undefined);
    const name = environmentName(lockFile, [3, 12, 1]);
    mkdirSync(join(folder.path, name));
    mkdirSync(join(folder.path, `${name}.unfinished-1`));
    expect(findPython(folder.path)).to.equal(join(folder.path, name, "bin", "python"));
  });

  it("is not found in a cache that is not there", () => {
    expect(findPython(join(folder.path, "none"))).to.equal(undefined);
  });
});

describe("requirements.lock", () => {
  const packages = lockFile.split(/\n(?=[a-z])/).filter((block) => /^[a-z]/.test(block));

  it("names each package in one version, with hashes of its files", () => {
    for (const block of packages) {
      expect(block, block.split("\n", 1)[0]).to.match(
        /^[a-z0-9-]+==[0-9a-z.]+( ; .+)? \\\n {4}--hash=sha256:[0-9a-f]{64}/,
      );
    }
    expect(packages.length).to.be.greaterThan(30);
  });

  it("has every package of requirements.in", () => {
    const wanted = readFileSync(resolve(LOCK_FILE, "../requirements.in"), "utf8")
      .split("\n")
      .filter((line) => /^[a-z]/.test(line))
      .map((line) => /^[a-z0-9-]+/.exec(line)?.[0]);
    const locked = new Set(packages.map((block) => block.split("==", 1)[0]));
    expect(wanted.filter((name) => !locked.has(name ?? ""))).to.deep.equal([]);
    expect(wanted).to.include("xgboost-cpu");
  });

  it("names no place that packages come from", () => {
    expect(lockFile).to.not.match(/https?:|index-url|find-links/);
  });
});
