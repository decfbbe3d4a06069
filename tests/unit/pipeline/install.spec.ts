import { expect } from "chai";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "fflate";

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

describe("what brings a build the Pulumi CLI", () => {
  let dir: string;
  const archive = tarOf("pulumi/pulumi", "#!/bin/sh\necho v3\n");
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "install-"));
    await mkdir(join(dir, "bin"));
    await mkdir(join(dir, "pipeline"));
    await writeFile(join(dir, "archive"), archive);
    await tool("npm", "true");
    await tool("uname", "echo x86_64");
    await tool("curl", `while [ "$1" != -o ]; do shift; done; cp "${dir}/archive" "$2"; echo "$3" > "${dir}/asked"`);
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  async function tool(name: string, command: string): Promise<void> {
    await writeFile(join(dir, "bin", name), `#!/bin/sh\n${command}\n`);
    await chmod(join(dir, "bin", name), 0o755);
  }

  /** Runs the script with another checksum. */
  async function install(sha256?: string): Promise<void> {
    const text = await readFile(SCRIPT, "utf8");
    const script = sha256 === undefined ? text : text.replace(/(?<=_X64=)\w+/, sha256);
    await writeFile(join(dir, "pipeline", "install.sh"), script);
    const env = { HOME: dir, PATH: `${join(dir, "bin")}:/usr/bin:/bin` };
    await promisify(execFile)("bash", [join(dir, "pipeline", "install.sh")], { env });
  }

  it("takes the archive of one version, where it has the known checksum", async () => {
    await install(createHash("sha256").update(archive).digest("hex"));

    expect(await readFile(join(dir, "asked"), "utf8")).to.match(
      /^https:\/\/get\.pulumi\.com\/releases\/sdk\/pulumi-v\d+\.\d+\.\d+-linux-x64\.tar\.gz\n$/,
    );
    expect(await readFile(join(dir, ".pulumi/bin/pulumi"), "utf8")).to.equal("#!/bin/sh\necho v3\n");
  });

  it("refuses any other archive, and leaves nothing of it", async () => {
    const error: unknown = await install().catch((reason: unknown) => reason);

    expect(String(error)).to.match(
      /the archive of \d+\.\d+\.\d+ for linux-x64 is not the one that pipeline\/install.sh knows/,
    );
    expect(await readdir(dir)).not.to.include(".pulumi");
  });

  it("uses the CLI that a build image brings", async () => {
    await tool("pulumi", "echo v3.300.0");
    await install();

    expect(await readdir(dir)).not.to.include("asked");
  });

  it("runs nothing that it downloads, and no package's scripts", async () => {
    const text = await readFile(SCRIPT, "utf8");

    expect(text).not.to.match(/\| *(ba)?sh\b/);
    expect(text.match(/^ *npm .*/gm)).to.deep.equal(["  npm ci --ignore-scripts --no-audit --no-fund"]);
  });
});
