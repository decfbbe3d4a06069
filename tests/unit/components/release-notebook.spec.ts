import { expect } from "chai";
import { ReleaseNotebook } from "../../../components/release-notebook";
import type { ReleaseNotebookArgs } from "../../../components/release-notebook/arguments";
import { list, type Statement } from "../../support/deployment-pipeline";
import { record } from "../../support/recorder";

const INSTANCE = "aws:sagemaker/notebookInstance:NotebookInstance";
const SCRIPTS = "aws:sagemaker/notebookInstanceLifecycleConfiguration:NotebookInstanceLifecycleConfiguration";
const PIPELINE = "arn:aws:codepipeline:us-east-1:123456789012:mlops-nyctaxi-pipeline";
const CONNECTION = "arn:aws:codeconnections:eu-west-1:123456789012:connection/c-1";
const [ARTIFACT_KEY, KEY] = ["artifacts", "model"].map((id) => `arn:aws:kms:us-east-1:123456789012:key/${id}`);

const ARGS: ReleaseNotebookArgs = {
  model: "nyctaxi",
  pipelineArn: PIPELINE,
  dataSourceUri: "s3://artifacts/mlops-nyctaxi-pipeline/data-source.zip",
  artifactKeyArn: ARTIFACT_KEY!,
  bucket: "models",
  dataPrefix: "nyc-tlc/v1/data",
  kmsKeyArn: KEY!,
  repository: { type: "connection", connectionArn: CONNECTION, repository: "owner/name", branch: "it's main" },
};
const made = (over: Partial<ReleaseNotebookArgs> = {}) =>
  record(() => new ReleaseNotebook("notebook", { ...ARGS, ...over }));
type Made = Awaited<ReturnType<typeof made>>;

function statements({ find }: Made): Statement[] {
  const { policy } = find("aws:iam/rolePolicy:RolePolicy").inputs;
  return (JSON.parse(policy as string) as { Statement: Statement[] }).Statement;
}
const script = ({ find }: Made, which: "onCreate" | "onStart") =>
  Buffer.from(find(SCRIPTS).inputs[which] as string, "base64").toString();
const about = (all: readonly Statement[], action: string) =>
  all.filter(({ Action }) => list(Action).includes(action)).flatMap(({ Resource }) => list(Resource));

describe("ReleaseNotebook", () => {
  let notebook: Made;
  before(async () => {
    notebook = await made();
  });

  it("is an encrypted instance without root access, with the newest way to its metadata only", () => {
    expect(notebook.find(INSTANCE).inputs).to.deep.include({
      name: "mlops-nyctaxi-notebook",
      instanceType: "ml.t3.medium",
      volumeSize: 20,
      kmsKeyId: KEY,
      rootAccess: "Disabled",
      directInternetAccess: "Enabled",
      instanceMetadataServiceConfiguration: { minimumInstanceMetadataServiceVersion: "2" },
      lifecycleConfigName: "mlops-nyctaxi-notebook",
    });
  });

  it("brings the branch of a connected repository, from the connection's own region", () => {
    const creation = script(notebook, "onCreate");
    expect(creation).to.include("codecommit credential-helper");
    expect(creation).to.include(
      `git clone --branch 'it'\\''s main' 'https://codeconnections.eu-west-1.amazonaws.com/git-http/123456789012/eu-west-1/c-1/owner/name.git' mlops-nyctaxi`,
    );
  });

  it("brings a repository of CodeCommit, which it may read", async () => {
    const repository = { type: "codecommit", repository: "taxis", branch: "main" } as const;
    const other = await made({ repository });
    expect(script(other, "onCreate")).to.include("'https://git-codecommit.us-east-1.amazonaws.com/v1/repos/taxis'");
    expect(about(statements(other), "codecommit:GitPull")).to.deep.equal([
      "arn:aws:codecommit:us-east-1:123456789012:taxis",
    ]);
    expect(about(statements(other), "codecommit:GitPush")).to.deep.equal([]);
  });

  it("makes a kernel that knows pipeline, bucket and model", () => {
    expect(script(notebook, "onStart")).to.include(
      "--env PIPELINE_NAME 'mlops-nyctaxi-pipeline' --env BUCKET 'models' --env MODEL_NAME 'nyctaxi'",
    );
  });

  it("may read a connected repository, and not push to it", () => {
    const { Condition, Resource } = statements(notebook).find(({ Action }) =>
      list(Action).includes("codeconnections:UseConnection"),
    )!;
    expect(Resource).to.equal(CONNECTION);
    expect(Condition).to.deep.equal({
      "ForAllValues:StringEquals": {
        "codeconnections:FullRepositoryId": ["owner/name"],
        "codeconnections:ProviderAction": ["GitPull"],
      },
    });
  });

  it("may start releases, and write nothing that a judge of them reads", () => {
    const all = statements(notebook);
    const written = all
      .flatMap(({ Action }) => list(Action))
      .filter((action) => !/:(Get|List|Describe|GET$|Search$)/.test(action));
    expect(written).to.have.members([
      ...["s3:PutObject", "kms:Decrypt", "kms:GenerateDataKey"],
      ...["sagemaker:InvokeEndpoint", "execute-api:Invoke", "lambda:InvokeFunction", "codeconnections:UseConnection"],
      ...["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
    ]);
    expect(about(all, "s3:PutObject")).to.have.members([
      "arn:aws:s3:::models/nyc-tlc/v1/data/*",
      "arn:aws:s3:::artifacts/mlops-nyctaxi-pipeline/data-source.zip",
    ]);
    expect(about(all, "sagemaker:InvokeEndpoint")).to.deep.equal([
      "arn:aws:sagemaker:us-east-1:123456789012:endpoint/mlops-nyctaxi-dev-*",
    ]);
  });

  it("may answer the approval only if it is told so", async () => {
    expect(about(statements(notebook), "codepipeline:PutApprovalResult")).to.deep.equal([]);
    expect(about(statements(await made({ mayApprove: true })), "codepipeline:PutApprovalResult")).to.deep.equal([
      `${PIPELINE}/Approve/Approve`,
    ]);
  });

  it("has no other way out than the subnet that it is given", async () => {
    const { find } = await made({ subnetId: "subnet-1", securityGroupIds: ["sg-1"] });
    expect(find(INSTANCE).inputs).to.deep.include({
      subnetId: "subnet-1",
      securityGroups: ["sg-1"],
      directInternetAccess: "Disabled",
    });
  });

  it("tells all that is wrong at once", async () => {
    const wrong = { instanceType: "t3.medium", volumeSizeGB: 4, securityGroupIds: ["sg-1"] };
    const error = await made(wrong).catch((reason: unknown) => reason);
    expect(error)
      .to.be.an("error")
      .with.property("message")
      .that.equals(
        'instanceType must begin with ml., such as ml.t3.medium, got "t3.medium"; ' +
          "volumeSizeGB must be a whole number from 5 to 16384, got 4; " +
          "securityGroupIds need a subnetId, since they belong to its VPC",
      );
  });
});
