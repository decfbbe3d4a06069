import { expect } from "chai";
import { summarize, summaryText } from "../../../pipeline/preview-summary";
import { plannedSteps } from "../../../pipeline/steps";

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

const summaryOf = (...steps: Parameters<typeof previewOf>) => summarize("prod", plannedSteps(previewOf(...steps)));

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

  it("is told in a few lines", () => {
    const summary = summaryOf(
      { op: "create", type: POLICY, name: "role", after: policy("s3:GetObject") },
      { op: "delete", type: "aws:lambda/function:Function", name: "api", before: {} },
    );

    expect(summaryText(summary)).to.equal(
      "prod: 1 to create, 1 to delete\n  IAM + role: Allow s3:GetObject on arn:aws:s3:::data/*\n  REFUSED Function api is live and would be deleted",
    );
  });

  it("says where nothing changes", () => {
    expect(summaryText(summaryOf())).to.equal("prod: no change");
  });
});
