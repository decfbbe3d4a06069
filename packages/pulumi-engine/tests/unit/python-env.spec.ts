import { expect } from "chai";
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ensurePython, environmentName, findPython } from "../../python-env";
import { plainReport } from "../../report";
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

describe("a Python environment that is broken", function () {
  this.timeout(20_000);
  const folder = temporaryFolder();
  const { PATH, XDG_CACHE_HOME } = process.env;
  afterEach(() => {
    process.env.PATH = PATH;
    process.env.XDG_CACHE_HOME = XDG_CACHE_HOME;
    if (XDG_CACHE_HOME === undefined) {
      delete process.env.XDG_CACHE_HOME;
    }
  });

  /** A command that is the Python of the machine, and as `uv` makes environments whose Python says yes to whatever it is asked. */
  function command(name: string, script: string): void {
    const path = join(folder.path, "bin", name);
    mkdirSync(join(folder.path, "bin"), { recursive: true });
    writeFileSync(path, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
    chmodSync(path, 0o755);
  }

  it("is made anew, whether its Python is gone or its packages are", async () => {
    command("python3", "echo 3.11.7");
    const python = '"$folder/bin/python"';
    command(
      "uv",
      `for folder; do :; done; [ "$1" = venv ] || exit 0; mkdir -p "$folder/bin"; echo '#!/bin/sh' > ${python}; chmod +x ${python}`,
    );
    process.env.PATH = join(folder.path, "bin");
    process.env.XDG_CACHE_HOME = join(folder.path, "cache");
    const lines: string[] = [];
    const ensure = () => ensurePython(plainReport((line) => lines.push(line)));
    const made = await ensure();
    const broken = () => lines.filter((line) => line.endsWith("is broken, and is made anew")).length;
    expect([await ensure(), broken()]).to.deep.equal([made, 0]);
    rmSync(made.python);
    expect([await ensure(), broken()]).to.deep.equal([made, 1]);
    writeFileSync(made.python, "#!/bin/sh\nexit 1\n");
    expect([await ensure(), broken()]).to.deep.equal([made, 2]);
    expect([await ensure(), broken()]).to.deep.equal([made, 2]);
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
