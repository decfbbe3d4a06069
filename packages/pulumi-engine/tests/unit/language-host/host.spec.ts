import type { sendUnaryData } from "@grpc/grpc-js";
import { expect } from "chai";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  AboutRequest,
  GetProgramDependenciesRequest,
  GetRequiredPackagesRequest,
  RunPluginRequest,
  RunRequest,
  type AboutResponse,
  type GetProgramDependenciesResponse,
  type GetRequiredPackagesResponse,
  type RunPluginResponse,
  type RunResponse,
} from "@pulumi/pulumi/proto/language_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { version } from "@pulumi/pulumi/version";
import { temporaryFolder } from "../../../testing/temporary-folder";
import { programIn, startHost, type StartedHost } from "./client";

const SDK_START = resolve(__dirname, "../../../language-host/sdk-start.cjs");

/**
 * The host as the engine meets it, in a process of its own, with a stand-in for the SDK's `cmd/run` that tells how it was started. The
 * real SDK and the real engine: ../../engine/language-host.spec.ts.
 */
describe("the language host", function () {
  this.timeout(20_000);
  const folder = temporaryFolder();
  let host: StartedHost;

  const start = async () => {
    host = await startHost("127.0.0.1:1234");
  };
  const stop = () => {
    host.client.close();
    host.process.kill("SIGKILL");
  };
  before(start);
  after(stop);

  /** Puts a module of the SDK into the program's folder. */
  function sdk(module: string, code: string): void {
    const path = join(folder.path, "node_modules/@pulumi/pulumi/cmd", module);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "index.js"), code);
  }
  /** Has the program's SDK write down how it was started. */
  function sdkThatTells(): () => unknown {
    const file = join(folder.path, "told.json");
    sdk(
      "run",
      `require("node:fs").writeFileSync(${JSON.stringify(file)}, JSON.stringify({
        args: process.argv.slice(2),
        execArgv: process.execArgv,
        env: Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith("PULUMI_"))),
      }));`,
    );
    return () => {
      const told: unknown = JSON.parse(readFileSync(file, "utf8"));
      return told;
    };
  }

  function unary<Response>(start: (callback: sendUnaryData<Response>) => unknown): Promise<Response> {
    return new Promise((done, fail) => {
      start((error, response) => {
        if (error === null && response != null) {
          done(response);
        } else {
          fail(new Error(error?.details ?? "no answer", { cause: error }));
        }
      });
    });
  }
  const run = (request: RunRequest) => unary<RunResponse>((done) => host.client.run(request, done));

  function runRequest(options: Record<string, string | boolean | number> = {}): RunRequest {
    const request = new RunRequest();
    request.setMonitorAddress("127.0.0.1:5678");
    request.setOrganization("organization");
    request.setProject("taxi");
    request.setStack("dev");
    request.setParallel(16);
    request.setInfo(programIn(folder.path, options));
    return request;
  }

  it("tells the version of the SDK that it was built from", async () => {
    const info = await unary<PluginInfo>((done) => host.client.getPluginInfo(new Empty(), done));
    expect(info.getVersion()).to.equal(version);
  });

  it("runs the program in its own SDK, and tells it all that the engine says", async () => {
    const told = sdkThatTells();
    const request = runRequest({ nodeargs: "--no-deprecation --title='a b'", tsconfig: "tsconfig.pulumi.json" });
    request.setDryrun(true);
    request.getConfigMap().set("taxi:key", "hush").set("taxi:release", "R1");
    request.setConfigsecretkeysList(["taxi:key"]);
    request.setArgsList(["--extra"]);
    const response = await run(request);
    expect(response.getError()).to.equal("");
    expect(response.getBail()).to.equal(false);
    expect(told()).to.deep.equal({
      execArgv: ["--require", SDK_START, "--no-deprecation", "--title=a b"],
      args: [
        ...["--monitor", "127.0.0.1:5678", "--engine", "127.0.0.1:1234", "--organization", "organization"],
        ...["--project", "taxi", "--root-directory", folder.path, "--stack", "dev", "--pwd", folder.path],
        ...["--parallel", "16", "--dry-run", ".", "--extra"],
      ],
      env: {
        PULUMI_CONFIG: JSON.stringify({ "taxi:key": "hush", "taxi:release": "R1" }),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(["taxi:key"]),
        PULUMI_NODEJS_TYPESCRIPT: "true",
        PULUMI_NODEJS_TSCONFIG_PATH: "tsconfig.pulumi.json",
      },
    });
  });

  it("leaves TypeScript to the program where the project says so", async () => {
    const told = sdkThatTells();
    await run(runRequest({ typescript: false }));
    expect(told()).to.have.property("env").that.has.all.keys("PULUMI_CONFIG", "PULUMI_CONFIG_SECRET_KEYS");
    expect(told()).to.have.property("args").that.does.not.include("--dry-run");
  });

  it("adds nothing where the program has shown its error already", async () => {
    sdk("run", "process.exit(32)");
    const response = await run(runRequest());
    expect(response.getBail()).to.equal(true);
    expect(response.getError()).to.equal("");
  });

  it("tells the exit code of a program that failed otherwise", async () => {
    sdk("run", "process.exit(3)");
    const response = await run(runRequest());
    expect(response.getBail()).to.equal(false);
    expect(response.getError()).to.equal("the program exited with code 3");
  });

  it("tells the signal that ended a program", async () => {
    sdk("run", "process.kill(process.pid, 'SIGKILL')");
    expect((await run(runRequest())).getError()).to.equal("the program was ended by SIGKILL");
  });

  it("says what to do where the program has no SDK", async () => {
    expect((await run(runRequest())).getError()).to.equal(
      `@pulumi/pulumi/cmd/run is not installed in ${folder.path}: run "npm install" there`,
    );
  });

  it("refuses a wrong runtime option by name", async () => {
    expect((await run(runRequest({ typescript: "yes" }))).getError()).to.equal(
      'runtime option typescript in Pulumi.yaml must be true or false, got "yes"',
    );
  });

  /** Runs a plugin and returns what it told. */
  async function runPlugin(kind: string): Promise<{ stdout: string; stderr: string; exitCode: number }> {
    const request = new RunPluginRequest();
    request.setKind(kind);
    request.setPwd(join(folder.path, "node_modules"));
    request.setArgsList(["127.0.0.1:9"]);
    request.setEnvList(["A=b=c"]);
    request.setInfo(programIn(folder.path));
    const told = { stdout: "", stderr: "", exitCode: -1 };
    const stream = host.client.runPlugin(request);
    stream.on("data", (response: RunPluginResponse) => {
      told.stdout += Buffer.from(response.getStdout_asU8()).toString();
      told.stderr += Buffer.from(response.getStderr_asU8()).toString();
      told.exitCode = response.getExitcode();
    });
    await once(stream, "end");
    return told;
  }
  const PLUGIN = `console.log(JSON.stringify([process.argv.slice(2), process.cwd(), process.env.A]));
    console.error("trouble"); process.exitCode = 7;`;

  it("runs a component package where the engine is, and passes on what it prints and its exit code", async () => {
    sdk("run-plugin", PLUGIN);
    expect(await runPlugin("resource")).to.deep.equal({
      stdout: `${JSON.stringify([[folder.path, "127.0.0.1:9"], join(folder.path, "node_modules"), "b=c"])}\n`,
      stderr: "trouble\n",
      exitCode: 7,
    });
  });

  it("runs a policy pack in its own folder", async () => {
    sdk("run-policy-pack", PLUGIN);
    const { stdout } = await runPlugin("analyzer");
    expect(JSON.parse(stdout)).to.deep.equal([["127.0.0.1:9", folder.path], folder.path, "b=c"]);
  });

  it("asks for no plugin ahead of the program", async () => {
    const request = new GetRequiredPackagesRequest();
    request.setInfo(programIn(folder.path));
    const response = await unary<GetRequiredPackagesResponse>((done) => host.client.getRequiredPackages(request, done));
    expect(response.getPackagesList()).to.deep.equal([]);
  });

  it("tells the Node that runs programs", async () => {
    const about = await unary<AboutResponse>((done) => host.client.about(new AboutRequest(), done));
    expect([about.getExecutable(), about.getVersion()]).to.deep.equal([process.execPath, process.version]);
  });

  it("tells the packages that a program has, its own or all", async () => {
    const lock = {
      packages: { "node_modules/a": { version: "1.0.0" }, "node_modules/a/node_modules/@b/c": { version: "2.0.0" } },
    };
    mkdirSync(join(folder.path, "node_modules"));
    writeFileSync(join(folder.path, "package.json"), JSON.stringify({ dependencies: { a: "^1.0.0" } }));
    writeFileSync(join(folder.path, "node_modules/.package-lock.json"), JSON.stringify(lock));
    const list = async (all: boolean) => {
      const request = new GetProgramDependenciesRequest();
      request.setInfo(programIn(folder.path));
      request.setTransitivedependencies(all);
      const response = await unary<GetProgramDependenciesResponse>((done) =>
        host.client.getProgramDependencies(request, done),
      );
      return response.getDependenciesList().map((dependency) => `${dependency.getName()} ${dependency.getVersion()}`);
    };
    expect(await list(false)).to.deep.equal(["a 1.0.0"]);
    expect(await list(true)).to.deep.equal(["a 1.0.0", "@b/c 2.0.0"]);
  });

  describe("that is interrupted or killed", () => {
    beforeEach(() => {
      stop();
      return start();
    });

    /** A program that runs until it is stopped, and says on stdout that it has begun. */
    async function startEndless(): Promise<{ response: Promise<RunResponse> }> {
      sdk("run", "console.log('begun'); setInterval(() => undefined, 1000)");
      const response = run(runRequest());
      // Where the host is ended, so is the call.
      response.catch(() => undefined);
      while (!host.output().includes("begun")) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return { response };
    }

    it("interrupts the program when the engine cancels", async () => {
      const { response } = await startEndless();
      await unary((done) => host.client.cancel(new Empty(), done));
      expect((await response).getError()).to.equal("the program was ended by SIGINT");
    });

    it("leaves no program behind when the engine is killed", async () => {
      await startEndless();
      // Closed is what it printed on only when the program, which prints there too, has ended as well.
      const closed = once(host.process, "close");
      host.process.stdin?.end();
      expect(await closed).to.deep.equal([0, null]);
    });

    it("ends when the engine interrupts it, as engines do at the end", async () => {
      const exited = once(host.process, "exit");
      host.process.kill("SIGINT");
      expect(await exited).to.deep.equal([0, null]);
    });
  });
});
