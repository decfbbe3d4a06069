import { hostname } from "node:os";
import { BatchGetBuildsCommand, CodeBuildClient } from "@aws-sdk/client-codebuild";
import { DeleteObjectCommand, GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { sdkStreamMixin } from "@smithy/core/serde";
import { Readable } from "node:stream";
import { expect } from "chai";
import { mockClient, type AwsClientStub } from "aws-sdk-client-mock";
import { Deployments } from "../../../pipeline/deployments";
import { locksOf } from "../../../pipeline/update";

const SETTINGS = { artifactBucket: "artifacts", pipelineName: "mlops-nyctaxi-pipeline" };
const OBJECT = { Bucket: "artifacts", Key: "mlops-nyctaxi-pipeline/deployments/prod.json" };

describe("the lock that a dead build has left", () => {
  let s3: AwsClientStub<S3Client>;
  let codeBuild: AwsClientStub<CodeBuildClient>;
  let deployments: Deployments;
  const before = { buildId: "build:1", hostname: hostname(), since: "2026-01-01T10:00:00.700Z" };
  const lock = { hostname: hostname(), at: "2026-01-01T10:00:00Z", text: "" };
  beforeEach(() => {
    s3 = mockClient(S3Client);
    codeBuild = mockClient(CodeBuildClient);
    deployments = new Deployments(SETTINGS, "prod", "build:2");
  });
  afterEach(() => {
    s3.restore();
    codeBuild.restore();
  });

  const notes = (...builds: readonly object[]) =>
    s3.on(GetObjectCommand).resolves({ Body: sdkStreamMixin(Readable.from(JSON.stringify(builds))) });
  const builds = (buildComplete: boolean) =>
    codeBuild.on(BatchGetBuildsCommand).resolves({ builds: [{ id: "build:1", buildComplete }] });

  it("is of no use to anybody where that build has begun before it and has ended, or is forgotten", async () => {
    notes(before);
    builds(true);
    await deployments.begin();

    expect(await deployments.inUse([lock])).to.deep.equal([]);
    codeBuild.on(BatchGetBuildsCommand).resolves({ buildsNotFound: ["build:1"] });
    expect(await deployments.inUse([lock])).to.deep.equal([]);
  });

  it("is in use where the build still runs, where it is older than the build, or of another machine", async () => {
    notes(before);
    builds(false);
    await deployments.begin();
    expect(await deployments.inUse([lock])).to.deep.equal([lock]);

    builds(true);
    const older = { ...lock, at: "2026-01-01T09:59:59Z" };
    const elsewhere = { ...lock, hostname: "laptop" };
    expect(await deployments.inUse([lock, older, elsewhere])).to.deep.equal([older, elsewhere]);
  });

  it("is in use where no build has left a note", async () => {
    s3.on(GetObjectCommand).rejects(new NoSuchKey({ message: "", $metadata: {} }));
    await deployments.begin();

    expect(await deployments.inUse([lock])).to.deep.equal([lock]);
    expect(codeBuild.calls()).to.have.length(0);
  });

  it("is noted by a build until it is done; without it, those of others stay", async () => {
    notes(before);
    await deployments.begin();
    const [begun] = s3.commandCalls(PutObjectCommand);
    expect(begun?.args[0].input).to.include(OBJECT);
    expect(JSON.parse(begun?.args[0].input.Body as string)).to.have.length(2);

    await deployments.end(false);
    expect(s3.commandCalls(PutObjectCommand).at(-1)?.args[0].input.Body).to.equal(JSON.stringify([before]));
    expect(s3.commandCalls(DeleteObjectCommand)).to.have.length(0);

    await deployments.end(true);
    expect(s3.commandCalls(DeleteObjectCommand)[0]?.args[0].input).to.deep.equal(OBJECT);
  });

  it("is told by the engine with its host and time", () => {
    const complaint =
      "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with " +
      "`pulumi cancel`.\n  s3://state/.pulumi/locks/organization/p/prod/0.json: created by root@ip-10-0-0-1 (pid 77) at 2026-01-01T10:00:00Z";

    expect(locksOf(`${complaint}\n${complaint}`)).to.deep.equal([
      {
        hostname: "ip-10-0-0-1",
        at: "2026-01-01T10:00:00Z",
        text: "root@ip-10-0-0-1 (pid 77) at 2026-01-01T10:00:00Z",
      },
    ]);
    expect(locksOf("error: [409] Conflict: Another update is currently in progress.")).to.deep.equal([]);
  });
});
