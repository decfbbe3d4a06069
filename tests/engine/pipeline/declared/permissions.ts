import { CodePipelineClient, GetPipelineCommand } from "@aws-sdk/client-codepipeline";
import { EventBridgeClient, ListTargetsByRuleCommand } from "@aws-sdk/client-eventbridge";
import { expect } from "chai";
import { clientConfig } from "local-aws/core/local";
import { PIPELINE, PULL_REQUESTS } from "../../../support/pipeline-lab";
import type { Use } from "./fixture";

const STOP = "stops the build of an action that is abandoned, which the local AWS lets run on";
const ARTIFACTS = "AWS's own policy for the role reads artifacts; the local AWS leaves that to the builds";
const S3_SOURCE = "AWS's reference of the S3 source action asks for it; the local AWS does without";

const OF_ARTIFACTS = "AWS's own policy for the role has it; S3 asks for less here";
const PASSED_ON = {
  "kms:DescribeKey": OF_ARTIFACTS,
  "kms:Encrypt": OF_ARTIFACTS,
  "kms:ReEncryptFrom": OF_ARTIFACTS,
  "kms:ReEncryptTo": OF_ARTIFACTS,
};

/** What no execution here has needed, and why the role has it all the same. */
const UNUSED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [PIPELINE]: {
    "codebuild:StopBuild": STOP,
    "s3:GetObject": ARTIFACTS,
    "s3:GetObjectVersion": ARTIFACTS,
    "s3:GetObjectTagging": S3_SOURCE,
    "s3:GetObjectVersionTagging": S3_SOURCE,
    "s3:GetBucketLocation": S3_SOURCE,
    "s3:GetBucketAcl": S3_SOURCE,
    ...PASSED_ON,
  },
  [PULL_REQUESTS]: {
    "codebuild:StopBuild": STOP,
    "s3:GetObject": ARTIFACTS,
    "s3:GetObjectVersion": ARTIFACTS,
    "kms:Decrypt": ARTIFACTS,
    "s3:GetBucketVersioning": OF_ARTIFACTS,
    "s3:GetBucketAcl": OF_ARTIFACTS,
    "s3:GetBucketLocation": OF_ARTIFACTS,
    ...PASSED_ON,
  },
};

export function permissions(use: Use): void {
  for (const name of [PIPELINE, PULL_REQUESTS]) {
    it(`gives the role of ${name} what it needs, and nothing more without a reason`, async () => {
      const { aws } = use().lab;
      const { pipeline } = await new CodePipelineClient(clientConfig(aws)).send(new GetPipelineCommand({ name }));
      const unused = await aws.sessions.unusedPermissions(pipeline?.roleArn ?? "");

      expect(unused.map(({ action }) => action)).to.have.members(Object.keys(UNUSED[name] ?? {}));
    });
  }

  it("gives EventBridge no more than to start the pipeline, which it did", async () => {
    const { aws } = use().lab;
    const { Targets = [] } = await new EventBridgeClient(clientConfig(aws)).send(
      new ListTargetsByRuleCommand({ Rule: `${PIPELINE}-data` }),
    );
    const roleArn = Targets[0]?.RoleArn ?? "";

    expect(await aws.sessions.unusedPermissions(roleArn)).to.deep.equal([]);
    expect(aws.sessions.usedPermissions(roleArn).map(({ action }) => action)).to.deep.equal([
      "codepipeline:StartPipelineExecution",
    ]);
  });

  it("has refused nothing to anybody but the build of the pull request", () => {
    const refused = use().lab.denials.filter((denial) => !denial.includes("/somebody-elses-code "));

    expect(refused).to.deep.equal([]);
  });
}
