import { expect } from "chai";
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ensurePulumi } from "../../pulumi-cli";
import { plainReport } from "../../report";
import { temporaryFolder } from "../../testing/temporary-folder";

describe("Pulumi's engine", function () {
  this.timeout(20_000);
  const folder = temporaryFolder();
  const { PATH, XDG_CACHE_HOME } = process.env;
  let lines: string[] = [];

  beforeEach(() => {
    lines = [];
    mkdirSync(join(folder.path, "bin"));
    process.env.PATH = join(folder.path, "bin");
    process.env.XDG_CACHE_HOME = join(folder.path, "cache");
  });
  afterEach(() => {
    process.env.PATH = PATH;
    process.env.XDG_CACHE_HOME = XDG_CACHE_HOME;
    if (XDG_CACHE_HOME === undefined) {
      delete process.env.XDG_CACHE_HOME;
    }
  });

  /** Puts a command on the PATH that this test sees, which has nothing else but what the command names in full. */
  function command(name: string, script: string): void {
    const path = join(folder.path, "bin", name);
    writeFileSync(path, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
    chmodSync(path, 0o755);
  }
  const ensure = () => ensurePulumi(plainReport((line) => lines.push(line)));
  const failure = async () => {
    const error = await ensure().catch((thrown: unknown) => thrown);
    return error instanceof Error ? error.message : "no error";
  };
  const cacheEntries = () =>
    readdirSync(join(folder.path, "cache", "sagemaker-safe-deploy")).map((name) =>
      name.replace(/-(linux|darwin).*/, ""),
    );

  /** A CLI that knows its version only. */
  const CLI = "#!/bin/sh\\necho v3.255.0\\n";

  it("is the one on PATH where that is new enough and has a language host", async () => {
    command("pulumi", "echo v3.300.1");
    command("pulumi-language-nodejs", "");
    expect(await ensure()).to.deep.equal({
      command: join(folder.path, "bin", "pulumi"),
      pathDir: join(folder.path, "bin"),
      version: "3.300.1",
    });
  });

  it("is what the npm package downloads where there is none, once", async () => {
    command(
      "npm",
      `mkdir -p "$PULUMI_HOME/versions/$PULUMI_VERSION/bin"; cd "$PULUMI_HOME/versions/$PULUMI_VERSION/bin"
      printf '${CLI}' > pulumi; chmod +x pulumi`,
    );
    const first = await ensure();
    expect(first.version).to.equal("3.255.0");
    expect(first.command).to.equal(join(first.pathDir, "pulumi"));
    command("npm", "exit 1");
    expect(await ensure()).to.deep.equal(first);
    expect(cacheEntries()).to.deep.equal(["pulumi-installed-3.255.0"]);
  });

  it("is built with Go where it cannot be downloaded, and gets our language host beside it", async () => {
    command("npm", "echo 'pulumi: fetch failed' >&2; exit 1");
    command("go", `[ "$1" = build ] && cat go.mod && printf '${CLI}' > ../pulumi && chmod +x ../pulumi`);
    const first = await ensure();
    expect(readdirSync(first.pathDir).sort()).to.deep.equal([
      "dynamic-provider.cjs",
      "language-host.cjs",
      "pulumi",
      "pulumi-language-nodejs",
      "pulumi-resource-pulumi-nodejs",
      "sdk-start.cjs",
    ]);
    command("go", "exit 1");
    expect(await ensure()).to.deep.equal(first);
    expect(cacheEntries().sort()).to.deep.equal(["engine-3.255.0", "pulumi-built-3.255.0"]);
  });

  it("is got anew where what was downloaded or built is cut or gone", async () => {
    const npm = `mkdir -p "$PULUMI_HOME/versions/$PULUMI_VERSION/bin"; cd "$PULUMI_HOME/versions/$PULUMI_VERSION/bin"
      printf '${CLI}' > pulumi; chmod +x pulumi`;
    command("npm", npm);
    const first = await ensure();
    writeFileSync(first.command, "\x7fELF cut");
    expect(await ensure()).to.deep.equal(first);
    expect(lines.join("\n")).to.match(/pulumi is broken, and is got anew: /);
    rmSync(first.command);
    command("npm", "exit 1");
    command("go", `[ "$1" = build ] && printf '${CLI}' > ../pulumi && chmod +x ../pulumi`);
    const built = await ensure();
    writeFileSync(built.command, "\x7fELF cut");
    rmSync(join(folder.path, "cache", "sagemaker-safe-deploy", basename(built.pathDir), "language-host.cjs"));
    expect(await ensure()).to.deep.equal(built);
    expect(readdirSync(built.pathDir)).to.include("language-host.cjs");
  });

  it("that is missing is told in one line with what to do and what was tried", async () => {
    command("pulumi", "echo v3.100.0");
    command("npm", "echo 'npm warn something'; echo 'pulumi: fetch failed' >&2; exit 1");
    const message = await failure();
    expect(message).to.match(/^Pulumi 3\.248\.0 or newer is missing: install it \(https:\S+\), or Go 1\.25 or newer/);
    expect(message).to.include(`${join(folder.path, "bin", "pulumi")} is 3.100.0; `);
    expect(message).to.match(
      /the npm package pulumi cannot download it, .* exited with code 1: pulumi: fetch failed; no go on PATH$/,
    );
    expect(message).to.not.include("\n");
    expect(lines.at(-1)).to.match(/ ! Pulumi engine: Pulumi 3\.248\.0 or newer is missing/);
    expect(cacheEntries()).to.deep.equal([]);
  });

  it("on PATH without a language host is refused, and said so", async () => {
    command("pulumi", "echo v3.255.0");
    expect(await failure()).to.include("bin/pulumi has no pulumi-language-nodejs beside it or on PATH; ");
  });
});
