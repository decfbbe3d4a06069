import { execFileSync } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { unzipSync, zipSync } from "fflate";
import { parseArchive } from "../../archive";
import { assetArchive, stringAsset } from "./plugin";

const ARCHIVE = { "4dabf18193072939515e22adb298388d": "0def7320c3a5731c473e5ecbe6d01bc7", hash: "h" };
const ASSET = { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", hash: "h" };

const contents = (zip: Uint8Array) =>
  Object.fromEntries(Object.entries(unzipSync(zip)).map(([name, data]) => [name, Buffer.from(data).toString()]));

describe("the provider plugin zips a function's code", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "archive with spaces "));
    mkdirSync(join(folder, "deep"));
    writeFileSync(join(folder, "index.js"), "exports.handler = 1;");
    writeFileSync(join(folder, "deep", "data.json"), "{}");
    writeFileSync(join(folder, "made.zip"), zipSync({ a: Buffer.from("a") }));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("from texts, files, folders and archives in archives", () => {
    const archive = parseArchive(
      assetArchive({
        "text.js": stringAsset("1"),
        "file.js": { ...ASSET, path: join(folder, "index.js") },
        folder: { ...ARCHIVE, path: join(folder, "deep") },
        inner: assetArchive({ "x.js": stringAsset("2") }),
      }),
    );
    expect(contents(archive.zip())).to.deep.equal({
      "text.js": "1",
      "file.js": "exports.handler = 1;",
      "folder/data.json": "{}",
      "inner/x.js": "2",
    });
  });

  it("takes a zip as it is", () => {
    expect(contents(parseArchive({ ...ARCHIVE, path: join(folder, "made.zip") }).zip())).to.deep.equal({ a: "a" });
  });

  it("byte for byte the same, whatever the order of the files", () => {
    const one = parseArchive(assetArchive({ a: stringAsset("1"), b: stringAsset("2") })).zip();
    const other = parseArchive(assetArchive({ b: stringAsset("2"), a: stringAsset("1") })).zip();
    expect(Buffer.from(one).equals(Buffer.from(other))).to.equal(true);
  });

  it("byte for byte the same in every time zone", () => {
    const program = `
      const { parseArchive } = require(${JSON.stringify(join(__dirname, "../../archive.ts"))});
      const signature = "4dabf18193072939515e22adb298388d";
      const text = { [signature]: "c44067f5952c0a294b673a41bacd8c17", text: "1" };
      const archive = { [signature]: "0def7320c3a5731c473e5ecbe6d01bc7", assets: { a: text } };
      process.stdout.write(Buffer.from(parseArchive(archive).zip()).toString("hex"));`;
    const zipIn = (TZ: string) =>
      execFileSync(process.execPath, ["--import", "tsx", "-e", program], {
        env: { ...process.env, TZ },
        encoding: "utf8",
      });
    const here = zipIn("UTC");
    expect(here).to.match(/^504b0304/);
    expect(zipIn("America/Los_Angeles")).to.equal(here);
  });

  it("readable by the user that Lambda runs it as", () => {
    const zip = Buffer.from(parseArchive(assetArchive({ a: stringAsset("1") })).zip());
    const entry = zip.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    expect((zip.readUInt32LE(entry + 38) >>> 16).toString(8)).to.equal("100644");
  });

  it("refuses code that it cannot have", () => {
    expect(() => parseArchive({ ...ARCHIVE, uri: "https://x/y.zip" }).zip()).to.throw(
      /cannot fetch a remote archive \(https:/,
    );
    expect(() => parseArchive(assetArchive({})).zip()).to.throw("the archive is empty");
    expect(() => parseArchive({ ...ARCHIVE, path: join(folder, "index.js") }).zip()).to.throw(
      /only zip files and folders/,
    );
  });
});
