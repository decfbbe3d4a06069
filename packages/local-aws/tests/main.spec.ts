import { execFile, spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { expect } from "chai";
import { testPython } from "pulumi-engine/testing/python";
import { until } from "./core/support";

const PROGRAM = resolve(__dirname, "../bin/local-aws.js");

/** What `--json` prints. */
interface Told {
  readonly endpoint: string;
  readonly region: string;
  readonly account: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly faults: string;
}

/** The command, as somebody in another folder uses it, with the AWS CLI. */
describe("local-aws", function () {
  this.timeout(120_000);
  let folder: string;
  let child: ChildProcess | undefined;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "elsewhere "));
  });
  afterEach(async () => {
    if (child?.exitCode === null) {
      await end(child, "SIGTERM");
    }
    child = undefined;
  });
  after(() => rm(folder, { recursive: true }));

  /** A process group of its own, so that whatever it leaves behind is found. */
  function start(...args: string[]): ChildProcess {
    child = spawn(process.execPath, [PROGRAM, ...args], {
      cwd: folder,
      detached: true,
      env: { ...process.env, TMPDIR: folder },
      stdio: ["ignore", "pipe", "inherit"],
    });
    return child;
  }

  async function told(process: ChildProcess): Promise<Told> {
    for await (const line of createInterface({ input: process.stdout! })) {
      return JSON.parse(line) as Told;
    }
    throw new Error("it has told nothing");
  }

  /** Ends it by a signal, and waits until no process of its group is left. Answers its exit status. */
  async function end(process: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
    const exited = new Promise<number | null>((done) => process.once("exit", done));
    process.kill(signal);
    const code = await exited;
    await until(() => !isAlive(-(process.pid ?? 0)));
    return code;
  }

  /** The AWS CLI in that folder, by the environment that the command tells and no other. */
  async function aws({ environment }: Told, ...args: string[]): Promise<unknown> {
    const { stdout } = await promisify(execFile)(testPython(), ["-m", "awscli", "--output", "json", ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, ...environment },
    });
    return /^[{["]/.test(stdout) ? JSON.parse(stdout) : stdout.trim();
  }

  it("serves the AWS CLI in two regions and two accounts, and ends without a trace", async () => {
    const running = start("--port", "0", "--speed", "600", "--region", "eu-west-1", "--json");
    const at = await told(running);
    expect(at).to.include({ region: "eu-west-1", account: "123456789012", faults: `${at.endpoint}/_local/faults` });

    const trust = {
      ...{ Version: "2012-10-17" },
      Statement: { Effect: "Allow", Principal: { Service: "sagemaker.amazonaws.com" }, Action: "sts:AssumeRole" },
    };
    const naming = ["--role-name", "r", "--assume-role-policy-document", JSON.stringify(trust)];
    const role = String(await aws(at, "iam", "create-role", ...naming, "--query", "Role.Arn"));
    const model = ["--model-name", "m", "--execution-role-arn", role, "--primary-container", "Image=i"];
    await aws(at, "sagemaker", "create-model", ...model);
    const other = { ...at, environment: { ...at.environment, AWS_ACCESS_KEY_ID: "210987654321" } };
    const answers = await Promise.all([
      aws(at, "sts", "get-caller-identity", "--query", "Account"),
      aws(at, "s3", "mb", "s3://from-the-cli"),
      aws(at, "lambda", "list-functions"),
      aws(at, "sagemaker", "list-models", "--query", "Models[].ModelName"),
      aws(at, "--region", "us-east-1", "sagemaker", "list-models"),
      aws(other, "sts", "get-caller-identity", "--query", "Account"),
      aws(other, "sagemaker", "list-models"),
    ]);
    expect(answers).to.deep.equal([
      "123456789012",
      "make_bucket: from-the-cli",
      { Functions: [] },
      ["m"],
      { Models: [] },
      "210987654321",
      { Models: [] },
    ]);

    expect(await end(running, "SIGINT")).to.equal(0);
    expect((await readdir(folder)).filter((name) => name.startsWith("local-aws-"))).to.deep.equal([]);
  });

  it("tells how to reach it, and ends by SIGTERM too", async () => {
    const running = start("--port", "0", "--account", "210987654321");
    let text = "";
    for await (const line of createInterface({ input: running.stdout! })) {
      text += `${line}\n`;
      if (line.startsWith("Ctrl-C")) {
        break;
      }
    }
    const [, endpoint] = /The local AWS is at (\S+), in us-east-1 of account 210987654321/.exec(text) ?? [];
    expect(text)
      .to.contain(`export AWS_ENDPOINT_URL=${endpoint ?? "?"}\n`)
      .and.to.contain("export AWS_ACCESS_KEY_ID=");
    expect(text).to.contain(`signed -X PUT ${endpoint ?? "?"}/_local/faults -d`);
    expect(await end(running, "SIGTERM")).to.equal(0);
  });

  it("says what is wrong with all values at once", async () => {
    const args = ["--port", "70000", "--speed", "0", "--region", "here", "--account", "5", "--propagation", "soon"];
    expect(await refusal(...args)).to.equal(
      [
        "--port must be a whole number from 0 to 65535, got 70000",
        "--speed must be a number above 0, got 0",
        "--region must be such as us-east-1, got here",
        "--account must be a number of twelve digits, got 5",
        "--propagation must be a number of seconds from 0, got soon",
      ].join("\n"),
    );
  });

  it("says that its port is taken, and leaves nothing of itself", async () => {
    const { endpoint } = await told(start("--port", "0", "--json"));
    const { port } = new URL(endpoint);
    expect(await refusal("--port", port)).to.match(
      new RegExp(`port ${port} is taken by another process: end it, or choose another port$`),
    );
  });

  it("is there as npx local-aws", () => {
    expect(existsSync(resolve(__dirname, "../../../node_modules/.bin/local-aws"))).to.equal(true);
  });

  /** What it prints as errors where it does not start. */
  async function refusal(...args: string[]): Promise<string> {
    const failed = await promisify(execFile)(process.execPath, [PROGRAM, ...args], { cwd: folder }).catch(
      (error: unknown) => error as { readonly code: number; readonly stderr: string },
    );
    expect(failed).to.have.property("code", 1);
    return failed.stderr.trim();
  }
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
