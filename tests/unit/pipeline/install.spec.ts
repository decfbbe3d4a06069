import { expect } from "chai";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "fflate";
import { VERSION } from "pulumi-engine/pulumi-cli";

const SCRIPT = join(__dirname, "../../../pipeline/install.sh");

/** A tar archive of one file. https://www.gnu.org/software/tar/manual/html_node/Standard.html */
function tarOf(name: string, text: string): Uint8Array {
  const header = Buffer.alloc(512);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, "0")}\0`;
  header.write(name, 0);
  header.write(octal(0o755, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(text.length, 11), 124);
  header.write(octal(0, 11), 136);
  header.write(" ".repeat(8), 148);
  header.write("0", 156);
  header.write("ustar\x0000", 257, "latin1");
  header.write(
    octal(
      header.reduce((sum, byte) => sum + byte, 0),
      6,
    ),
    148,
  );
  const body = Buffer.alloc(Math.ceil(text.length / 512) * 512);
  body.write(text);
  return gzipSync(Buffer.concat([header, body, Buffer.alloc(1024)]));
}

describe("what brings a build the Pulumi CLI and its plugin", () => {
  let dir: string;
  const CLI = `#!/bin/sh\necho "$*" >> "$HOME/ran"\n`;
  const archive = tarOf("pulumi/pulumi", CLI);
  const sha256 = createHash("sha256").update(archive).digest("hex");
  const PLUGIN = "pulumi-resource-aws-v7.48.0-linux-amd64.tar.gz";
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "install-"));
    await mkdir(join(dir, "bin"));
    await mkdir(join(dir, "pipeline"));
    await writeFile(join(dir, "archive"), archive);
    await tool("npm", "true");
    await tool("node", "echo 7.48.0");
    await tool("uname", "echo x86_64");
    await tool("curl", `while [ "$1" != -o ]; do shift; done; cp "${dir}/archive" "$2"; echo "$3" >> "${dir}/asked"`);
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  async function tool(name: string, command: string): Promise<void> {
    await writeFile(join(dir, "bin", name), `#!/bin/sh\n${command}\n`);
    await chmod(join(dir, "bin", name), 0o755);
  }

  /** Runs the script with another checksum. */
  async function install(checksum?: string, variables: Readonly<Record<string, string>> = {}): Promise<void> {
    const text = await readFile(SCRIPT, "utf8");
    const script = checksum === undefined ? text : text.replace(/(?<=_X64=)\w+/, checksum);
    await writeFile(join(dir, "pipeline", "install.sh"), script);
    const env = { HOME: dir, PATH: `${join(dir, "bin")}:/usr/bin:/bin`, ...variables };
    await promisify(execFile)("bash", [join(dir, "pipeline", "install.sh")], { env });
  }

  it("takes the archive of one version, where it has the known checksum", async () => {
    await install(sha256);

    expect(await readFile(join(dir, "asked"), "utf8")).to.match(
      /^https:\/\/get\.pulumi\.com\/releases\/sdk\/pulumi-v\d+\.\d+\.\d+-linux-x64\.tar\.gz\n/,
    );
    expect(await readFile(join(dir, ".pulumi/bin/pulumi"), "utf8")).to.equal(CLI);
  });

  it("has the version with which everything is tested", async () => {
    expect(await readFile(SCRIPT, "utf8")).to.match(
      new RegExp(`^PULUMI_VERSION=${VERSION.replaceAll(".", "\\.")}$`, "m"),
    );
  });

  it("refuses any other archive, and leaves nothing of it", async () => {
    const error: unknown = await install().catch((reason: unknown) => reason);

    expect(String(error)).to.match(
      /the archive of \d+\.\d+\.\d+ for linux-x64 is not the one that pipeline\/install.sh knows/,
    );
    expect(await readdir(dir)).not.to.include(".pulumi");
  });

  it("installs the plugin of the package, and notes which archive that was", async () => {
    await install(sha256);

    expect(await readFile(join(dir, "asked"), "utf8")).to.contain(
      `\nhttps://get.pulumi.com/releases/plugins/${PLUGIN}\n`,
    );
    expect(await readFile(join(dir, "out/plugins.lock"), "utf8")).to.equal(`${sha256}  ${PLUGIN}\n`);
    expect(await readFile(join(dir, "ran"), "utf8")).to.match(/^plugin install resource aws 7\.48\.0 --file \S+\n$/);
  });

  const other = "0".repeat(64);
  for (const [what, notes, variables, refusal] of [
    [
      "that the previews did not run",
      { "out/plugins.lock": other },
      { STACK: "prod" },
      `out/plugins.lock says ${other}`,
    ],
    ["of which the previews say nothing", {}, { STACK: "prod" }, "stage Build has not noted"],
    ["that is not the one that the tree names", { "plugins.lock": other }, {}, ` plugins.lock says ${other}`],
  ] as const) {
    it(`refuses a plugin ${what}`, async () => {
      await mkdir(join(dir, "out"));
      for (const [file, digest] of Object.entries(notes)) {
        await writeFile(join(dir, file), `${digest}  ${PLUGIN}\n`);
      }
      const error: unknown = await install(sha256, variables).catch((reason: unknown) => reason);

      expect(String(error)).to.contain(refusal);
      expect(await readdir(dir)).not.to.include("ran");
    });
  }

  it("deploys with the plugin that the previews ran", async () => {
    await install(sha256);
    await install(sha256, { STACK: "prod" });

    expect((await readFile(join(dir, "ran"), "utf8")).match(/plugin install/g)).to.have.length(2);
  });

  it("uses the CLI and the plugin that a build image brings", async () => {
    await tool("pulumi", "echo v3.300.0");
    await mkdir(join(dir, ".pulumi/plugins/resource-aws-v7.48.0"), { recursive: true });
    await install();

    expect(await readdir(dir)).not.to.include("asked");
  });

  it("runs nothing that it downloads, and no package's scripts", async () => {
    const text = await readFile(SCRIPT, "utf8");

    expect(text).not.to.match(/\| *(ba)?sh\b/);
    expect(text.match(/^ *npm .*/gm)).to.deep.equal(["  npm ci --ignore-scripts --no-audit --no-fund"]);
  });
});
