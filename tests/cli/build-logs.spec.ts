import { expect } from "chai";
import { LOCAL_ACCOUNT } from "local-aws/core/account";
import { clientConfig } from "local-aws/core/local";
import { serve } from "local-aws/testing/serve";
import { BuildLogs, complaintOf } from "../../cli/pipeline/build-logs";

describe("what a failed build complains of", () => {
  it("is the last error that its programs tell, with all its lines and none of CodeBuild's", () => {
    const log = [
      "[Container] 2026/11/24 07:49:55.123000 Running command node dist/pipeline/deploy.js",
      "error: an earlier one",
      "going back",
      "error: release r3 is not live: deployment d-1 stopped",
      "  alarm model-faults is in ALARM",
      "Live now: release r2",
      "[Container] 2026/11/24 07:49:59.123000 Command did not exit successfully node dist/pipeline/deploy.js exit status 1",
    ];

    expect(complaintOf(log)).to.equal(
      "release r3 is not live: deployment d-1 stopped\n  alarm model-faults is in ALARM\nLive now: release r2",
    );
  });

  it("is nothing where they tell none", () => {
    expect(complaintOf(["[Container] 2026/11/24 07:49:55.123000 Phase complete: INSTALL State: FAILED"])).to.equal(
      undefined,
    );
  });

  it("is waited for where it arrives after the build's end", async function () {
    this.timeout(20_000);
    let reads = 0;
    const served = await serve({
      name: "CodeBuild and CloudWatch Logs",
      handle: async ({ headers }) => {
        const isBuild = headers["x-amz-target"]?.endsWith("BatchGetBuilds") === true;
        reads += isBuild ? 1 : 0;
        const events = [
          { message: "going back" },
          ...(reads > 2 ? [{ message: "error: release r3 is not live" }] : []),
        ];
        const body = isBuild
          ? { builds: [{ logs: { groupName: "group", streamName: "stream" } }] }
          : { events, nextForwardToken: "end" };
        return { status: 200, headers: { "content-type": "application/x-amz-json-1.1" }, body: JSON.stringify(body) };
      },
    });
    try {
      const logs = new BuildLogs(clientConfig({ account: LOCAL_ACCOUNT, endpoint: served.endpoint }));
      expect(complaintOf(await logs.linesOfFailed("project:1"))).to.equal("release r3 is not live");
    } finally {
      await served.close();
    }
  });
});
