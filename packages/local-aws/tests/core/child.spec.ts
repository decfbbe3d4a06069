import { expect } from "chai";
import { startChild, type Child } from "../../core/child";

const run = (script: string, env: Record<string, string> = {}) => {
  const lines: string[] = [];
  const child = startChild({
    command: process.execPath,
    args: ["-e", script],
    env,
    onLine: (line) => lines.push(line),
  });
  return { child, lines };
};

const until = async (done: () => boolean) => {
  while (!done()) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

describe("a process that the local AWS starts", () => {
  it("tells its lines, of both outputs and the last one without an end, before its exit code", async () => {
    const { child, lines } = run(
      'console.log("one\\ntwo"); console.error("wrong"); process.stdout.write("last"); process.exitCode = 3;',
    );

    expect(await child.exited).to.equal(3);
    expect(lines).to.have.members(["one", "two", "wrong", "last"]);
  });

  it("has the environment that it is given, and PATH", async () => {
    process.env.NOT_INHERITED = "secret";
    const { child, lines } = run("console.log(JSON.stringify(process.env))", { GIVEN: "yes" });
    await child.exited;
    delete process.env.NOT_INHERITED;

    expect(JSON.parse(lines.join("\n"))).to.include({ GIVEN: "yes", PATH: process.env.PATH });
    expect(lines.join("\n")).not.to.contain("NOT_INHERITED");
  });

  it("may end by itself when it is asked to, with its own exit code", async () => {
    const { child, lines } = run(
      'process.on("SIGTERM", () => process.exit(5)); setInterval(() => undefined, 1000); console.log("ready");',
    );
    await until(() => lines.includes("ready"));

    await child.stop();

    expect(await child.exited).to.equal(5);
  });

  it("is ended by force where it does not listen", async () => {
    const { child, lines } = run(
      'process.on("SIGTERM", () => console.log("no")); setInterval(() => undefined, 1000); console.log("ready");',
    );
    await until(() => lines.includes("ready"));

    await child.stop(100);

    expect(await child.exited).to.equal(null);
    expect(lines).to.deep.equal(["ready", "no"]);
    expect(() => process.kill(child.pid, 0)).to.throw("ESRCH");
  });

  it("is told where somebody else has killed it, but not where we have or where it has crashed", async () => {
    const killed = async (script: string, end: (child: Child) => Promise<unknown> = ({ exited }) => exited) => {
      const signals: string[] = [];
      const child = startChild({
        command: process.execPath,
        args: ["-e", script],
        env: {},
        onLine: () => undefined,
        onKilled: (signal) => signals.push(signal),
      });
      await end(child);
      return signals;
    };
    expect(await killed('process.kill(process.pid, "SIGKILL")')).to.deep.equal(["SIGKILL"]);
    expect(await killed("process.abort()")).to.deep.equal([]);
    expect(await killed("process.exit(3)")).to.deep.equal([]);
    expect(await killed("setInterval(() => undefined, 1000)", (child) => child.stop())).to.deep.equal([]);
  });

  it("may be stopped after it has ended", async () => {
    const { child } = run("");
    expect(await child.exited).to.equal(0);
    await child.stop();
  });

  it("sees its standard input open as long as this process lives", async () => {
    const { child, lines } = run(
      'process.stdin.resume().on("end", () => console.log("closed")); setTimeout(() => process.exit(0), 50);',
    );
    await child.exited;
    expect(lines).to.deep.equal([]);
  });

  it("that cannot be started says so and ends as shells say it", async () => {
    const lines: string[] = [];
    const child = startChild({ command: "/no/such/program", args: [], env: {}, onLine: (line) => lines.push(line) });

    expect(await child.exited).to.equal(127);
    expect(lines).to.deep.equal(["/no/such/program could not be started: spawn /no/such/program ENOENT"]);
    await child.stop();
  });
});
