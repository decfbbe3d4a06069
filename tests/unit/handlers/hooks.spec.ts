import { createServer, type Server } from "node:http";
import { PutLifecycleEventHookExecutionStatusCommand } from "@aws-sdk/client-codedeploy";
import { expect } from "chai";
import { lifecycleHook } from "../../../handlers/hook";
import { FROM_CODEDEPLOY, hookCaller } from "./hook-fixture";
import { context, environment, withOutput } from "./lambda";

describe("lifecycle hooks", () => {
  const { codeDeploy, reported, verdictOf } = hookCaller();

  describe("of any kind", () => {
    it("report that a check succeeded, and what it saw", async () => {
      expect(await verdictOf(lifecycleHook(async () => "all is well"))).to.deep.equal({
        status: "Succeeded",
        reason: "all is well",
      });
    });

    it("report that a check failed, and why, on one line", async () => {
      expect(await verdictOf(lifecycleHook(() => Promise.reject(new Error("it is\n  broken"))))).to.deep.equal({
        status: "Failed",
        reason: "it is broken",
      });
    });

    it("report a failure where a check throws at once", async () => {
      const hook = lifecycleHook(() => {
        throw new TypeError("a bug");
      });
      expect(await verdictOf(hook)).to.deep.equal({ status: "Failed", reason: "a bug" });
    });

    it("report a failure while there is time to, where a check does not end, and tell it to end", async () => {
      let aborted = false;
      const hook = lifecycleHook((signal) => {
        signal.addEventListener("abort", () => (aborted = true));
        return new Promise<string>(() => undefined);
      });
      const started = performance.now();

      expect(await verdictOf(hook, 400)).to.deep.equal({
        status: "Failed",
        reason: "the check did not end within 0.2 s",
      });
      expect(performance.now() - started).to.be.lessThan(400);
      expect(aborted).to.equal(true);
    });

    it("only return the verdict where no deployment asks", async () => {
      const { result, lines } = await withOutput(() => lifecycleHook(async () => "fine")({}, context()));

      expect(result).to.deep.equal({ status: "Succeeded", reason: "fine" });
      expect(lines).to.deep.equal(["verdict: Succeeded: fine"]);
      expect(reported()).to.deep.equal([]);
    });

    it("throw where CodeDeploy refuses the verdict, having logged both", async () => {
      codeDeploy().on(PutLifecycleEventHookExecutionStatusCommand).rejects(new Error("no such deployment"));
      let failed: unknown;

      const { lines } = await withOutput(() =>
        lifecycleHook(async () => "fine")(FROM_CODEDEPLOY, context()).catch((error: unknown) => {
          failed = error;
        }),
      );

      expect(failed).to.be.instanceOf(Error).with.property("message", "no such deployment");
      expect(lines[0]).to.equal("verdict: Succeeded: fine");
      expect(JSON.parse(lines[1]!)).to.include({
        level: "ERROR",
        message: "the verdict could not be reported to CodeDeploy",
        deploymentId: "d-1",
        error: "no such deployment",
      });
    });
  });
});

describe("reports of lifecycle hooks, over the wire", () => {
  let server: Server;
  let statuses: number[];
  let seen: number;
  environment({
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_ENDPOINT_URL: undefined,
  });

  before(async () => {
    server = createServer((incoming, outgoing) => {
      incoming.resume();
      outgoing.writeHead(statuses[Math.min(seen, statuses.length - 1)]!).end("{}");
      seen += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  beforeEach(() => {
    seen = 0;
    process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${String((server.address() as { port: number }).port)}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it("are tried again where CodeDeploy has a moment of weakness", async () => {
    statuses = [500, 503, 200];

    const { result } = await withOutput(() => lifecycleHook(async () => "fine")(FROM_CODEDEPLOY, context()));

    expect(result).to.deep.equal({ status: "Succeeded", reason: "fine" });
    expect(seen).to.equal(3);
  });

  it("fail the function where CodeDeploy stays away", async () => {
    statuses = [500];
    let failed: unknown;

    await withOutput(() =>
      lifecycleHook(async () => "fine")(FROM_CODEDEPLOY, context()).catch((error: unknown) => {
        failed = error;
      }),
    );

    expect(failed).to.be.instanceOf(Error);
    expect(seen).to.equal(5);
  });
});
