import { createHash } from "node:crypto";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import {
  ListEndpointConfigsCommand,
  ListEndpointsCommand,
  ListModelsCommand,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { clientConfig } from "local-aws/core/local";
import type { LocalAws } from "local-aws";
import { eventually } from "../../support/pipeline-executions";
import { dataSource, STAGE_SECONDS, type Real, type Use } from "./fixture";

/** What is in AWS of a release on prod. */
async function onProd(aws: LocalAws, release: string): Promise<string[]> {
  const sageMaker = new SageMakerClient(clientConfig(aws));
  const { Endpoints = [] } = await sageMaker.send(new ListEndpointsCommand({}));
  const { EndpointConfigs = [] } = await sageMaker.send(new ListEndpointConfigsCommand({}));
  const { Models = [] } = await sageMaker.send(new ListModelsCommand({}));
  const { MetricAlarms = [] } = await new CloudWatchClient(clientConfig(aws)).send(new DescribeAlarmsCommand({}));
  return [
    ...Endpoints.map(({ EndpointName }) => EndpointName ?? ""),
    ...EndpointConfigs.map(({ EndpointConfigName }) => EndpointConfigName ?? ""),
    ...Models.map(({ ModelName }) => ModelName ?? ""),
    ...MetricAlarms.map(({ AlarmName }) => AlarmName ?? ""),
  ].filter((name) => name.includes(release) && !name.includes("-dev-"));
}

const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

export function releases(use: Use): void {
  it("previews the first release against nothing, and says what there is to approve", async () => {
    const { lab, operator, played } = use();
    const first = played.result.summary.releases[0]?.id ?? "";

    const { input } = await lab.executions.action(first, "Approve");
    const { CustomData = "" } = input?.resolvedConfiguration ?? {};
    expect(CustomData)
      .to.match(/train: .*create/)
      .and.to.match(/prod: .*create/);
    expect(CustomData).to.match(/validation:rmse \d+(\.\d+)?.*no release is live yet/);
    const [, approved] = /^Model archive SHA-256 ([0-9a-f]{64})$/m.exec(CustomData) ?? [];
    expect((await operator.outputs("prod")).modelArchives).to.have.property(first, approved);
  });

  it("goes back to the release that serves where the next one fails on prod, and says why", async () => {
    const { lab, operator, told, live, played } = use();
    const [first, , bad = ""] = played.result.summary.releases.map(({ id }) => id);

    const said = await lab.executions.complaint(bad, "DeployProd");
    expect(said).to.contain(`release ${bad} is not live`);
    expect(said).to.contain(`Prod has gone back to release ${live}`);
    expect(await operator.outputs("prod")).to.deep.include({ liveRelease: live, releases: [live, first] });
    expect(await onProd(lab.aws, bad)).to.deep.equal([]);
    expect(await onProd(lab.aws, live)).not.to.deep.equal([]);
    await operator.expectNoChanges("prod");
    await eventually(
      async () => told.messages,
      (messages) =>
        messages.some(
          ({ Subject, Message }) =>
            Subject === `mlops-nyctaxi-api:live: release ${bad} rolled-back` &&
            Message.startsWith(`release ${bad} is not live: `),
        ),
    );
  });

  it("lets code and data that arrive together bring one release, not two", async () => {
    const { lab, source } = use();
    const before = (await lab.executions.all()).length;
    await lab.putData(dataSource(use(), { max_depth: "4" }));
    const commit = await source.commit("code that goes with it", { "README-of-the-data.md": "It goes with the code." });
    const twins = await eventually(
      async () => (await lab.executions.all()).slice(before),
      (found) => found.length === 2,
    );
    const ids = twins.map(({ pipelineExecutionId = "" }) => pipelineExecutionId);

    const statuses = await eventually(
      () => Promise.all(ids.map((id) => lab.executions.status(id))),
      (found) => found.includes("Stopped"),
      STAGE_SECONDS,
    );
    const gone = statuses.indexOf("Stopped");
    const second = ids[1 - gone] ?? "";
    expect(twins.map(({ trigger }) => trigger?.triggerType)).to.have.members(["CloudWatchEvent", "WebhookV2"]);
    const [why] = (await lab.executions.all()).filter(({ pipelineExecutionId }) => pipelineExecutionId === ids[gone]);
    expect(why?.stopTrigger?.reason).to.contain(second);
    const { artifactRevisions = [] } = await lab.executions.execution(second);
    expect(artifactRevisions.map(({ revisionId }) => revisionId)).to.include(commit);
  });

  it("checks a pull request meanwhile, and previews what it would change", async () => {
    const { lab, source } = use();
    let proposed = "";
    const { id } = await lab.pullRequests.startedBy(async () => {
      proposed = await source.pullRequest(1, { "README-of-the-data.md": "It does not." });
    });

    expect(await lab.pullRequests.ended(id, STAGE_SECONDS)).to.equal("Succeeded");
    const log = await lab.pullRequests.log(id, "Check");
    expect(log).to.include(`checking ${proposed}`);
    // What serves would be updated, not made: the stacks' own states are what it is compared with.
    expect(log.join("\n"))
      .to.match(/^train: \d+ to create/m)
      .and.to.match(/^dev: \d+ to create/m)
      .and.to.match(/^prod: \d+ to create, \d+ to update/m);
  });

  it("touches nothing where somebody has changed prod since the preview", async () => {
    const { lab, operator, live } = use();
    const second = await underWay(use());
    await lab.executions.token(second, 3 * STAGE_SECONDS);
    await operator.up("prod", { strategy: JSON.stringify({ type: "allAtOnce" }) });
    await lab.executions.decide(second, "Approved");

    expect(await lab.executions.ended(second, STAGE_SECONDS)).to.equal("Failed");
    const said = await lab.executions.complaint(second, "DeployProd");
    expect(said).to.match(/stack prod has changed since its preview, .* nothing was touched/);
    expect(said).to.match(/DeploymentGroup prod-api-group: update with another deploymentConfigName/);
    expect(await onProd(lab.aws, second)).to.deep.equal([]);
    expect(await operator.outputs("prod")).to.deep.include({ liveRelease: live });
    // Spelled as the engine spells what the tree's own file says: a value that is spelled otherwise is another one.
    await operator.up("prod", { strategy: JSON.stringify({ intervalMinutes: 5, percent: 10, type: "canary" }) });
    use().second = second;
  });

  it("does not serve an archive that somebody has written over since the approval, and names both digests", async () => {
    const { lab, operator, live, second } = use();
    const s3 = new S3Client(clientConfig(lab.aws));
    const Key = `mlops-nyctaxi/mlops-nyctaxi-${second}/output/model.tar.gz`;
    const archive = { Bucket: lab.account.bucket, Key };
    const { Body: approved } = await s3.send(new GetObjectCommand(archive));
    const bytes = await approved!.transformToByteArray();
    const other = Buffer.from("another model");
    await s3.send(new PutObjectCommand({ ...archive, Body: other }));
    await lab.executions.retry(second, "DeployProd");

    expect(await lab.executions.ended(second, STAGE_SECONDS)).to.equal("Failed");
    expect(await lab.executions.complaint(second, "DeployProd")).to.contain(
      `${Key} has SHA-256 ${digestOf(other)}, and ${digestOf(bytes)} is approved`,
    );
    expect(await onProd(lab.aws, second)).to.deep.equal([]);
    expect(await operator.outputs("prod")).to.deep.include({ liveRelease: live });
    await s3.send(new PutObjectCommand({ ...archive, Body: bytes }));
  });

  it("takes over from a build that was stopped while it deployed, and ends what that one had begun", async () => {
    const { lab, operator, live, second, played } = use();
    const first = played.result.summary.releases[0]?.id;
    const endpoint = `mlops-nyctaxi-prd-${second}`;
    await lab.executions.retry(second, "DeployProd");
    await eventually(
      () => onProd(lab.aws, second),
      (names) => names.includes(endpoint),
      STAGE_SECONDS,
    );
    await lab.executions.stopBuild(second, "DeployProd");
    expect(await lab.executions.ended(second)).to.equal("Failed");

    await lab.executions.retry(second, "DeployProd");

    expect(await lab.executions.ended(second, STAGE_SECONDS)).to.equal("Succeeded");
    expect((await lab.executions.log(second, "DeployProd")).join("\n")).to.contain(
      "left locked by a build that has ended",
    );
    expect(await operator.outputs("prod")).to.deep.include({
      liveRelease: second,
      releases: [second, live, first],
    });
    expect(await onProd(lab.aws, live)).to.deep.equal([]);
    use().live = second;
    for (const stack of ["train", "dev", "prod"] as const) {
      await operator.expectNoChanges(stack);
    }
  });
}

/** The one execution that has not ended. */
async function underWay({ lab }: Real): Promise<string> {
  const running = (await lab.executions.all()).filter(({ status }) => status === "InProgress");
  expect(running).to.have.length(1);
  return running[0]?.pipelineExecutionId ?? "";
}
