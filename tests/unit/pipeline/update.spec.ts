import { hostname } from "node:os";
import { Readable } from "node:stream";
import { BatchGetBuildsCommand, CodeBuildClient } from "@aws-sdk/client-codebuild";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ConcurrentUpdateError, type Stack } from "@pulumi/pulumi/automation";
import { sdkStreamMixin } from "@smithy/core/serde";
import { mockClient, type AwsClientStub } from "aws-sdk-client-mock";
import { expect } from "chai";
import { Deployments } from "../../../pipeline/deployments";
import { LockedError, update } from "../../../pipeline/update";

const SETTINGS = { artifactBucket: "artifacts", pipelineName: "mlops-nyctaxi-pipeline" };
const HOLDER = `root@${hostname()} (pid 12) at 2026-01-01T10:00:00Z`;
const LOCKED = `error: the stack is currently locked by 1 lock(s)\n  file:///state/prod.json: created by ${HOLDER}`;

describe("an update", () => {
  let s3: AwsClientStub<S3Client>;
  let codeBuild: AwsClientStub<CodeBuildClient>;
  let lines: string[];
  /** What was done to the stack, in order. */
  let done: string[];
  beforeEach(() => {
    s3 = mockClient(S3Client);
    codeBuild = mockClient(CodeBuildClient);
    lines = [];
    done = [];
  });
  afterEach(() => {
    s3.restore();
    codeBuild.restore();
  });

  const tell = (line: string) => lines.push(line);
  /** A stack whose updates end so, one after the other, and then well. */
  const stackWhere = (...failures: readonly Error[]) => {
    const ahead = [...failures];
    return {
      name: "prod",
      async up({ plan }: { plan?: string }) {
        done.push(`up ${plan ?? "without a plan"}`);
        const failure = ahead.shift();
        if (failure !== undefined) {
          throw failure;
        }
      },
      async cancel() {
        done.push("cancel");
      },
    } as unknown as Stack;
  };
  /** Notes of a build that has begun before the lock was made. */
  const noted = async (buildComplete: boolean) => {
    const notes = [{ buildId: "build:1", hostname: hostname(), since: "2026-01-01T09:59:00Z" }];
    s3.on(GetObjectCommand).resolves({ Body: sdkStreamMixin(Readable.from(JSON.stringify(notes))) });
    codeBuild.on(BatchGetBuildsCommand).resolves({ builds: [{ id: "build:1", buildComplete }] });
    const deployments = new Deployments(SETTINGS, "prod", "build:2");
    await deployments.begin();
    return deployments;
  };
  const locked = () => new ConcurrentUpdateError(LOCKED);
  const failureOf = (work: Promise<void>) =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );

  it("takes the lock over that a build which has ended has left, and is run anew under its plan", async () => {
    await update(stackWhere(locked()), { plan: "plan.json", deployments: await noted(true), tell });

    expect(done).to.deep.equal(["up plan.json", "cancel", "up plan.json"]);
    expect(lines).to.deep.equal([`the state was left locked by a build that has ended (${HOLDER}): unlocked`]);
  });

  it("leaves the lock of a build that still runs alone, and names who holds it", async () => {
    const failure = await failureOf(update(stackWhere(locked()), { deployments: await noted(false), tell }));

    expect(failure).to.be.instanceOf(LockedError).with.property("message").that.contains(`prod is locked (${HOLDER})`);
    expect(done).to.deep.equal(["up without a plan"]);
  });

  it("leaves a lock alone where it knows nothing of builds", async () => {
    const failure = await failureOf(update(stackWhere(locked()), { tell }));

    expect(failure).to.be.instanceOf(LockedError).with.property("message").that.contains("pulumi cancel --stack prod");
    expect(done).to.deep.equal(["up without a plan"]);
  });

  it("leaves a lock alone that does not say whose it is", async () => {
    const nameless = new ConcurrentUpdateError("error: [409] Conflict: Another update is currently in progress.");
    const failure = await failureOf(update(stackWhere(nameless), { deployments: await noted(true), tell }));

    expect(failure).to.be.instanceOf(LockedError).with.property("message").that.contains("locked (another update)");
    expect(done).to.deep.equal(["up without a plan"]);
  });

  it("takes over once: who has locked the state since may be at work", async () => {
    const deployments = await noted(true);
    const failure = await failureOf(update(stackWhere(locked(), locked()), { deployments, tell }));

    expect(failure).to.be.instanceOf(LockedError);
    expect(done).to.deep.equal(["up without a plan", "cancel", "up without a plan"]);
  });

  it("that fails otherwise is not run again", async () => {
    const deployments = await noted(true);
    const failure = await failureOf(update(stackWhere(new Error("no such bucket")), { deployments, tell }));

    expect(failure).to.have.property("message", "no such bucket");
    expect(done).to.deep.equal(["up without a plan"]);
  });
});
