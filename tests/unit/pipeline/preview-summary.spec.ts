import { expect } from "chai";
import { trainBuildMinutes, USUAL_JOB_SECONDS } from "../../../lib/build-times";
import { previewSummaryText, summarize, summaryText } from "../../../pipeline/preview-summary";
import { plannedSteps } from "../../../pipeline/steps";

type Steps = Parameters<typeof previewOf>;

const urn = (type: string, name: string) => `urn:pulumi:prod::sagemaker-safe-deploy::${type}::${name}`;

function previewOf(
  ...steps: { op: string; type: string; name: string; before?: object; after?: object; reasons?: string[] }[]
): string {
  return JSON.stringify({
    steps: steps.map(({ op, type, name, before, after, reasons }) => ({
      op,
      urn: urn(type, name),
      ...(before === undefined ? {} : { oldState: { type, inputs: before } }),
      ...(after === undefined ? {} : { newState: { type, inputs: after } }),
      replaceReasons: reasons ?? null,
    })),
  });
}

const SETTINGS = { release: "r2", trainBuildMinutes: trainBuildMinutes(USUAL_JOB_SECONDS) };
const summaryOf = (...steps: Steps) => summaryOfStack("prod", ...steps);
const summaryOfStack = (stack: string, ...steps: Steps) =>
  summarize(stack, plannedSteps(previewOf(...steps)), SETTINGS);

const POLICY = "aws:iam/rolePolicy:RolePolicy";
const policy = (...actions: string[]) => ({
  policy: JSON.stringify({
    Version: "2012-10-17",
    Statement: actions.map((Action) => ({ Effect: "Allow", Action, Resource: "arn:aws:s3:::data/*" })),
  }),
});

describe("a preview's summary", () => {
  it("counts what changes, and leaves out what stays, components and the halves of a replacement", () => {
    const { changes } = summaryOf(
      { op: "same", type: "aws:kms/key:Key", name: "key", before: {}, after: {} },
      { op: "create", type: "sagemaker-safe-deploy:index:AutoscaledEndpoint", name: "prod-r2", after: {} },
      { op: "create", type: "aws:sagemaker/model:Model", name: "prod-r2-model", after: {} },
      { op: "create-replacement", type: "aws:sns/topic:Topic", name: "topic", before: {}, after: {} },
      { op: "replace", type: "aws:sns/topic:Topic", name: "topic", before: {}, after: {} },
      { op: "delete-replaced", type: "aws:sns/topic:Topic", name: "topic", before: {} },
      { op: "delete", type: "aws:sagemaker/model:Model", name: "prod-r1-model", before: {} },
    );

    expect(changes).to.deep.equal({
      create: ["Model prod-r2-model"],
      update: [],
      replace: ["Topic topic"],
      delete: ["Model prod-r1-model"],
    });
  });

  it("tells which permissions are won and lost", () => {
    const { iam } = summaryOf({
      op: "update",
      type: POLICY,
      name: "api-role",
      before: policy("s3:GetObject", "s3:ListBucket"),
      after: policy("s3:GetObject", "s3:PutObject"),
    });

    expect(iam).to.deep.equal([
      "- api-role: Allow s3:ListBucket on arn:aws:s3:::data/*",
      "+ api-role: Allow s3:PutObject on arn:aws:s3:::data/*",
    ]);
  });

  it("does not tell of what each release may do with its own, in place of the one before", () => {
    const rights = (release: string, ...actions: string[]) => ({
      policy: JSON.stringify({
        Statement: actions.map((Action) => ({ Effect: "Allow", Action, Resource: `arn:aws:s3:::data/${release}/*` })),
      }),
    });

    const { iam } = summaryOf(
      { op: "create", type: POLICY, name: "prod-r2-role", after: rights("r2", "s3:GetObject", "s3:PutObject") },
      { op: "delete", type: POLICY, name: "prod-r1-role", before: rights("r1", "s3:GetObject", "s3:ListBucket") },
      { op: "update", type: POLICY, name: "api-role", before: rights("r1", "s3:Get*"), after: rights("r2", "s3:Get*") },
    );

    expect(iam).to.deep.equal([
      "- prod-r1-role: Allow s3:ListBucket on arn:aws:s3:::data/r1/*",
      "+ prod-r2-role: Allow s3:PutObject on arn:aws:s3:::data/r2/*",
    ]);
  });

  it("tells of a policy that is known only once it is deployed", () => {
    const after = { policy: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" };

    expect(
      summaryOf({ op: "update", type: POLICY, name: "api-role", before: policy("s3:Get*"), after }).iam,
    ).to.deep.equal(["~ api-role: names what is there only once it is deployed"]);
  });

  it("tells of policies that are attached, of a boundary that goes and of who may call a function", () => {
    const boundary = { permissionsBoundary: "arn:aws:iam::123456789012:policy/boundary" };

    const { iam } = summaryOf(
      {
        op: "create",
        type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        name: "api-role-admin",
        after: { policyArn: "arn:aws:iam::aws:policy/AdministratorAccess" },
      },
      { op: "update", type: "aws:iam/role:Role", name: "api-role", before: boundary, after: {} },
      {
        op: "create",
        type: "aws:lambda/permission:Permission",
        name: "open",
        after: { principal: "*", action: "lambda:InvokeFunction" },
      },
    );

    expect(iam).to.deep.equal([
      "- api-role: only within boundary arn:aws:iam::123456789012:policy/boundary",
      "+ api-role-admin: all that policy arn:aws:iam::aws:policy/AdministratorAccess allows",
      "+ open: Allow lambda:InvokeFunction to *",
    ]);
  });

  it("refuses to take away keys, and what lets API Gateway in; the latter may be made anew", () => {
    const { refusals } = summaryOf(
      { op: "delete", type: "aws:apigateway/apiKey:ApiKey", name: "api-key", before: {} },
      { op: "delete", type: "aws:lambda/permission:Permission", name: "api-invoke", before: {} },
      { op: "replace", type: "aws:apigateway/deployment:Deployment", name: "api-rest", before: {}, after: {} },
    );

    expect(refusals).to.deep.equal([
      "ApiKey api-key is live and would be deleted",
      "Permission api-invoke is live and would be deleted",
    ]);
  });

  it("refuses to delete or replace what is live, and to replace an endpoint; not to delete the endpoint before", () => {
    const { refusals } = summaryOf(
      { op: "delete", type: "aws:apigateway/restApi:RestApi", name: "api-rest", before: {} },
      {
        op: "replace",
        type: "aws:sagemaker/endpoint:Endpoint",
        name: "prod-r1",
        before: {},
        after: {},
        reasons: ["name"],
      },
      { op: "delete", type: "aws:sagemaker/endpoint:Endpoint", name: "prod-r0", before: {} },
      { op: "update", type: "aws:lambda/function:Function", name: "api", before: {}, after: {} },
    );

    expect(refusals).to.deep.equal([
      "RestApi api-rest is live and would be deleted",
      "Endpoint prod-r1 is live and would be replaced because of name",
    ]);
  });

  it("refuses a rollout that may outlast its build, with both times", () => {
    const type = "pulumi-nodejs:dynamic/sagemaker-safe-deploy:LambdaRollout";
    const rollout = (timeoutSeconds: unknown) =>
      summaryOf({ op: "update", type, name: "api-rollout", before: {}, after: { timeoutSeconds } }).refusals;

    expect(rollout(23_401)).to.deep.equal([
      "its rollout may take 23401 s, and the build that waits for it has 23400 s: shorten strategy, bakeSeconds, undecidedSeconds or drainSeconds",
    ]);
    expect([rollout(23_400), rollout(undefined)]).to.deep.equal([[], []]);
  });

  for (const [kind, key] of [
    ["TrainingJobRun", "trainingMaxRuntimeSeconds"],
    ["ProcessingJobRun", "baselineMaxRuntimeSeconds"],
  ] as const) {
    it(`refuses a job that may outlast its build, with both times and the keys to change: ${kind}`, () => {
      const type = `pulumi-nodejs:dynamic/sagemaker-safe-deploy:${kind}`;
      const job = (maxRuntimeSeconds: number) =>
        summaryOfStack("train", {
          ...{ op: "create", type, name: "training-r2" },
          after: { maxRuntimeSeconds, timeoutSeconds: maxRuntimeSeconds + 3600 },
        }).refusals;

      expect(job(USUAL_JOB_SECONDS + 1)).to.deep.equal([
        `job training-r2 may take 18001 s, and the build that waits for it has 18000 s: lower ${key}, ` +
          "or raise beforeApproval.maxRuntimeSeconds of stack pipeline",
      ]);
      expect(job(USUAL_JOB_SECONDS)).to.deep.equal([]);
    });
  }

  it("is told with all names and what it costs, a line for each kind of change", () => {
    const summary = summaryOf(
      { op: "create", type: POLICY, name: "role", after: policy("s3:GetObject") },
      { op: "create", type: "aws:kms/key:Key", name: "key", after: {} },
      { op: "delete", type: "aws:lambda/function:Function", name: "api", before: {} },
    );

    expect(summaryText(summary).split("\n")).to.deep.equal([
      "prod: 2 to create, 1 to delete; +$1.00 a month",
      "  create: RolePolicy role, Key key",
      "  delete: Function api",
      "  IAM + role: Allow s3:GetObject on arn:aws:s3:::data/*",
      "  REFUSED Function api is live and would be deleted",
    ]);
  });

  it("says where nothing changes", () => {
    expect(summaryText(summaryOf())).to.equal("prod: no change");
  });
});

describe("the previews' text for the approval", () => {
  const topic = (op: string, name: string) => ({ op, type: "aws:sns/topic:Topic", name, before: {}, after: {} });
  const train = summaryOfStack("train", { op: "create", type: "aws:kms/key:Key", name: "key", after: {} });
  const dev = summaryOfStack("dev");

  it("tells of production first and most, of the other stacks what counts, in one line", () => {
    const prod = summaryOf(
      topic("create", "new"),
      topic("delete", "old"),
      { op: "update", type: POLICY, name: "role", before: policy("a:B"), after: policy("a:B", "a:C") },
      { ...topic("replace", "topic"), reasons: ["name"] },
    );

    expect(previewSummaryText([train, dev, prod])).to.equal(
      [
        "prod: 1 to create, 1 to update, 1 to replace, 1 to delete; no change in monthly cost",
        "replace Topic topic",
        "IAM + role: Allow a:C on arn:aws:s3:::data/*",
        "delete Topic old",
        "train: 1 to create; +$1.00 a month",
        "dev: no change",
      ].join(" | "),
    );
  });

  it("keeps to the limit by whole details, and says how many more there are and where", () => {
    const names = Array.from({ length: 60 }, (_, index) => `old-topic-${index}`);
    const text = previewSummaryText([train, dev, summaryOf(...names.map((name) => topic("delete", name)))]);
    const parts = text.split(" | ");

    expect(text.length).to.be.within(280, 330);
    expect(parts[0]).to.equal("prod: 60 to delete; no change in monthly cost");
    const told = parts.slice(1, -3);
    expect(told).to.deep.equal(names.slice(0, told.length).map((name) => `delete Topic ${name}`));
    expect(parts.slice(-3)).to.deep.equal([
      "train: 1 to create; +$1.00 a month",
      "dev: no change",
      `${60 - told.length} more: see out/previews/summary.txt of artifact Release`,
    ]);
  });

  it("keeps to the limit whatever it is", () => {
    const prod = summaryOf(topic("delete", "old"));
    for (let limit = 10; limit < 200; limit++) {
      expect(previewSummaryText([train, dev, prod], limit).length).to.be.at.most(limit);
    }
  });
});
