import { BatchGetBuildsCommand, CodeBuildClient } from "@aws-sdk/client-codebuild";
import { CloudWatchLogsClient, GetLogEventsCommand, ResourceNotFoundException } from "@aws-sdk/client-cloudwatch-logs";
import { mockClient, type AwsClientStub } from "aws-sdk-client-mock";
import { expect } from "chai";
import { LOCAL_ACCOUNT } from "local-aws/core/account";
import { clientConfig } from "local-aws/core/local";
import { serve } from "local-aws/testing/serve";
import { BuildLogs, complaintOf } from "../../cli/pipeline/build-logs";

describe("the log of a build", () => {
  let codeBuild: AwsClientStub<CodeBuildClient>;
  let cloudWatchLogs: AwsClientStub<CloudWatchLogsClient>;
  const logs = new BuildLogs({ region: "us-east-1" });
  const both = async () => [await logs.lastLine("train:1"), await logs.lines("train:1")];
  const thereIs = { builds: [{ logs: { groupName: "/aws/codebuild/train", streamName: "1" } }] };

  beforeEach(() => {
    codeBuild = mockClient(CodeBuildClient);
    cloudWatchLogs = mockClient(CloudWatchLogsClient);
    cloudWatchLogs.on(GetLogEventsCommand).rejects(new ResourceNotFoundException({ message: "gone", $metadata: {} }));
  });
  afterEach(() => {
    codeBuild.restore();
    cloudWatchLogs.restore();
  });

  it("is empty while the build waits for a machine, and once CodeBuild has forgotten it", async () => {
    codeBuild.on(BatchGetBuildsCommand).resolves({ builds: [{ logs: { deepLink: "https://console" } }] });
    expect(await both()).to.deep.equal([undefined, []]);
    codeBuild.on(BatchGetBuildsCommand).resolves({ builds: [], buildsNotFound: ["train:1"] });
    expect(await both()).to.deep.equal([undefined, []]);
    expect(cloudWatchLogs.calls()).to.deep.equal([]);
  });

  it("is empty where CloudWatch Logs has not got it yet, or does not keep it any more", async () => {
    codeBuild.on(BatchGetBuildsCommand).resolves(thereIs);
    expect(await both()).to.deep.equal([undefined, []]);
  });

  it("is not waited for where a build has failed long ago without a complaint", async () => {
    const began = performance.now();
    const endTime = new Date(Date.now() - 3_600_000);
    codeBuild.on(BatchGetBuildsCommand).resolves({ builds: [{ endTime, ...thereIs.builds[0] }] });
    expect(await logs.linesOfFailed("train:1")).to.deep.equal([]);
    expect(performance.now() - began).to.be.below(5000);
  });

  it("has lines without their ends, page by page", async () => {
    codeBuild.on(BatchGetBuildsCommand).resolves(thereIs);
    cloudWatchLogs
      .on(GetLogEventsCommand)
      .resolves({ events: [{ message: "training\n" }, { message: "\n" }], nextForwardToken: "1" })
      .on(GetLogEventsCommand, { nextToken: "1" })
      .resolves({ events: [], nextForwardToken: "1" });
    expect(await both()).to.deep.equal(["training", ["training", ""]]);
  });
});

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
