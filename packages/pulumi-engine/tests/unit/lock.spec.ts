import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { lock } from "../../lock";
import { temporaryFolder } from "../../testing/temporary-folder";

const FAST = { pollMs: 5 };

describe("lock", () => {
  const folder = temporaryFolder();
  const path = () => join(folder.path, "tool.lock");

  it("lets one holder in at a time, whoever asks", async () => {
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        const held = await lock(path(), FAST);
        inside += 1;
        most = Math.max(most, inside);
        await new Promise((resolve) => setTimeout(resolve, 3));
        inside -= 1;
        await held.release();
      }),
    );
    expect(most).to.equal(1);
    expect(existsSync(path())).to.equal(false);
  });

  it("tells once who it waits for", async () => {
    const first = await lock(path(), FAST);
    const told: string[] = [];
    const second = lock(path(), { ...FAST, onWait: (holder) => told.push(holder) });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await first.release();
    await (await second).release();
    expect(told).to.deep.equal([`process ${process.pid} on ${hostname()}`]);
  });

  it("takes over at once from a process of this machine that has died", async () => {
    const dead = spawnSync(process.execPath, ["-e", ""]).pid;
    writeFileSync(path(), JSON.stringify({ pid: dead, host: hostname(), token: "x" }));
    const held = await lock(path(), { pollMs: 60_000 });
    expect(JSON.parse(readFileSync(path(), "utf8"))).to.include({ pid: process.pid });
    await held.release();
  });

  it("takes over from another machine only after it has shown no sign of life for long", async () => {
    writeFileSync(path(), JSON.stringify({ pid: 1, host: "elsewhere", token: "x" }));
    const taken: string[] = [];
    const waiting = lock(path(), { pollMs: 5, staleMs: 60_000 }).then(async (held) => {
      taken.push("taken");
      await held.release();
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(taken).to.deep.equal([]);
    const longAgo = new Date(Date.now() - 61_000);
    utimesSync(path(), longAgo, longAgo);
    await waiting;
    expect(taken).to.deep.equal(["taken"]);
  });

  it("takes over a lock that its process died on while writing it", async () => {
    writeFileSync(path(), "");
    const longAgo = new Date(Date.now() - 61_000);
    utimesSync(path(), longAgo, longAgo);
    await (await lock(path(), FAST)).release();
    expect(existsSync(path())).to.equal(false);
  });

  it("is taken over by one of many that wait", async () => {
    const dead = spawnSync(process.execPath, ["-e", ""]).pid;
    writeFileSync(path(), JSON.stringify({ pid: dead, host: hostname(), token: "x" }));
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        const held = await lock(path(), FAST);
        inside += 1;
        most = Math.max(most, inside);
        await new Promise((resolve) => setTimeout(resolve, 3));
        inside -= 1;
        await held.release();
      }),
    );
    expect(most).to.equal(1);
  });

  it("leaves alone what has been taken over from it", async () => {
    const held = await lock(path(), FAST);
    writeFileSync(path(), "somebody else's");
    await held.release();
    expect(readFileSync(path(), "utf8")).to.equal("somebody else's");
  });
});
