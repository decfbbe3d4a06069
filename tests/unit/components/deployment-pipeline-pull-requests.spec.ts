import { expect } from "chai";
import { valueOf } from "../../support/recorder";
import {
  actionNames,
  actionsOf,
  args,
  AT,
  BUCKET_ARN,
  made,
  PIPELINE,
  policy,
  reads,
  resourcesFor,
  type Made,
} from "../../support/deployment-pipeline";

describe("pull requests of DeploymentPipeline", () => {
  let connected: Made;
  before(async () => {
    connected = await made({ pullRequests: true });
  });

  it("is a second pipeline, and only where it is asked for", async () => {
    const without = await made();
    expect(without.made.filter(({ type }) => type === PIPELINE)).to.have.length(1);
    expect(without.result.pullRequestPipelineName).to.equal(undefined);

    const { inputs } = connected.find(PIPELINE, "pull-request");
    expect(inputs).to.deep.include({
      name: "pr-mlops-nyctaxi-pipeline",
      pipelineType: "V2",
      executionMode: "PARALLEL",
      triggers: [
        {
          providerType: "CodeStarSourceConnection",
          gitConfiguration: {
            sourceActionName: "Code",
            pullRequests: [{ branches: { includes: ["main"] }, events: ["OPEN", "UPDATED"] }],
          },
        },
      ],
    });
    expect(await valueOf(connected.result.pullRequestPipelineName!)).to.equal("pr-mlops-nyctaxi-pipeline");
    expect(actionsOf(connected, "pull-request").map(({ name, provider }) => [name, provider])).to.deep.equal([
      ["Code", "CodeStarSourceConnection"],
      ["Check", "CodeBuild"],
    ]);
  });

  it("may deploy nothing: its build reads, and writes its log", () => {
    const statements = policy(connected, "pull-request-check-role");

    expect(actionNames(statements).filter((action) => !reads(action))).to.have.members([
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      "kms:Encrypt",
    ]);
    expect(actionNames(statements)).not.to.include("apigateway:POST");
  });

  it("may not touch what the other pipeline passes on, nor start its builds", () => {
    const build = policy(connected, "pull-request-check-role");
    const pipeline = policy(connected, "pull-request-role");

    const own = `${BUCKET_ARN}/pr-mlops-nyctaxi-pip/SourceCode/*`;
    expect(resourcesFor(build, "s3:GetObjectVersion")).to.deep.equal([own]);
    expect(resourcesFor(pipeline, "s3:PutObject")).to.deep.equal([own]);
    expect(resourcesFor(pipeline, "codebuild:StartBuild")).to.deep.equal([
      `arn:aws:codebuild:${AT}:project/mlops-nyctaxi-pipeline-pull-request`,
    ]);
  });

  it("is refused where it could not be or would not be safe, all reasons at once", async () => {
    let message = "";
    try {
      await made({
        pullRequests: true,
        repository: { type: "codecommit", repository: "taxi", branch: "main" },
        state: { ...args.state, accessTokenSecretArn: "arn:token" },
      });
    } catch (error) {
      message = String(error);
    }

    expect(message).to.contain("need a connected repository");
    expect(message).to.contain("need the state in S3");
  });
});
