import { expect } from "chai";
import { spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { cached, cacheFolder, findCached } from "../../cache";
import { temporaryFolder } from "../../testing/temporary-folder";

const CACHE_MODULE = resolve(__dirname, "../../cache.ts");

describe("the user's cache", () => {
  const folder = temporaryFolder();

  it("is where XDG_CACHE_HOME says, else in ~/.cache", () => {
    expect(cacheFolder({ XDG_CACHE_HOME: "/some where" })).to.equal("/some where/sagemaker-safe-deploy");
    expect(cacheFolder({})).to.equal(join(homedir(), ".cache", "sagemaker-safe-deploy"));
  });

  it("ignores a relative XDG_CACHE_HOME, as its specification says", () => {
    expect(cacheFolder({ XDG_CACHE_HOME: "cache" })).to.equal(join(homedir(), ".cache", "sagemaker-safe-deploy"));
  });

  it("makes a folder once and finds it from then on", async () => {
    let made = 0;
    const make = async (unfinished: string) => {
      made += 1;
      writeFileSync(join(unfinished, "tool"), "content");
    };
    expect(await findCached("tool-1", folder.path)).to.equal(undefined);
    const path = await cached("tool-1", make, { folder: folder.path });
    expect(path).to.equal(join(folder.path, "tool-1"));
    expect(await cached("tool-1", make, { folder: folder.path })).to.equal(path);
    expect(await findCached("tool-1", folder.path)).to.equal(path);
    expect(readFileSync(join(path, "tool"), "utf8")).to.equal("content");
    expect(made).to.equal(1);
  });

  it("leaves nothing of a folder that could not be made, and makes it the next time", async () => {
    const failing = cached(
      "tool-1",
      async (unfinished) => {
        writeFileSync(join(unfinished, "half"), "");
        throw new Error("the network is down");
      },
      { folder: folder.path },
    );
    const error = await failing.catch((thrown: unknown) => thrown);
    expect(error).to.be.an("error").with.property("message", "the network is down");
    expect(readdirSync(folder.path)).to.deep.equal([]);
    await cached("tool-1", async () => undefined, { folder: folder.path });
    expect(readdirSync(folder.path)).to.deep.equal(["tool-1"]);
  });

  it("removes what a run that was killed has left", async () => {
    mkdirSync(join(folder.path, "tool-1.unfinished-abc"));
    await cached("tool-1", async () => undefined, { folder: folder.path });
    expect(readdirSync(folder.path)).to.deep.equal(["tool-1"]);
  });

  it("is filled by one of several processes that want the same at once, which all get it complete", async function () {
    this.timeout(30_000);
    const log = join(folder.path, "log");
    const program = `
      const { cached } = require(${JSON.stringify(CACHE_MODULE)});
      const { appendFileSync, existsSync, writeFileSync } = require("node:fs");
      cached("tool-1", async (unfinished) => {
        appendFileSync(${JSON.stringify(log)}, "made\\n");
        writeFileSync(unfinished + "/first", "");
        await new Promise((resolve) => setTimeout(resolve, 300));
        writeFileSync(unfinished + "/second", "");
      }, { folder: ${JSON.stringify(folder.path)} }).then((path) => {
        appendFileSync(${JSON.stringify(log)}, existsSync(path + "/second") ? "complete\\n" : "half\\n");
      });`;
    appendFileSync(log, "");
    await Promise.all(
      [1, 2, 3].map(
        () =>
          new Promise((done) => {
            spawn(process.execPath, ["--import", "tsx", "-e", program], { stdio: "inherit" }).once("close", done);
          }),
      ),
    );
    expect(readFileSync(log, "utf8").trim().split("\n").sort()).to.deep.equal([
      "complete",
      "complete",
      "complete",
      "made",
    ]);
    expect(existsSync(join(folder.path, "tool-1.lock"))).to.equal(false);
  });
});
