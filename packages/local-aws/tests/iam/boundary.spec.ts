import {
  CreatePolicyCommand,
  CreateRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  IAMClient,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import type { SessionKeys } from "../../core/local";
import { startLocalAws, type LocalAws } from "../../server";
import { testPython } from "pulumi-engine/testing/python";
import { rejection } from "../core/support";

const ACCOUNT = "arn:aws:iam::123456789012";
const TRUST = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});
const document = (Action: string | string[], Condition?: object) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource: "*", Condition }] });

describe("permissions boundaries", function () {
  this.timeout(30_000);
  let aws: LocalAws;
  let boundary = "";
  let maker: SessionKeys;

  const client = (session?: SessionKeys) => ({
    endpoint: aws.endpoint,
    region: "us-east-1",
    maxAttempts: 1,
    credentials: session ?? aws.account,
  });
  const iam = (session?: SessionKeys) => new IAMClient(client(session));
  const create = (RoleName: string, session: SessionKeys | undefined, PermissionsBoundary?: string) =>
    iam(session).send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: TRUST, PermissionsBoundary }));
  const put = (RoleName: string, PolicyDocument: string, session?: SessionKeys) =>
    iam(session).send(new PutRolePolicyCommand({ RoleName, PolicyName: "own", PolicyDocument }));

  before(async () => {
    aws = await startLocalAws({ python: testPython(), speed: 600 });
    const policy = { PolicyName: "most", PolicyDocument: document("s3:Get*") };
    boundary = (await iam().send(new CreatePolicyCommand(policy))).Policy?.Arn ?? "";
    await create("maker", undefined);
    const making = ["iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"];
    await put("maker", document(making, { StringEquals: { "iam:PermissionsBoundary": boundary } }));
    maker = aws.sessions.assume(`${ACCOUNT}:role/maker`, "s1");
  });
  after(() => aws.close());

  it("can be asked of whoever makes roles, gives them policies or another boundary", async () => {
    await create("within", maker, boundary);
    await put("within", document("s3:*"), maker);
    await create("without", undefined);

    for (const refused of [
      create("other", maker),
      create("other", maker, `${ACCOUNT}:policy/other`),
      put("without", document("s3:*"), maker),
      iam(maker).send(
        new PutRolePermissionsBoundaryCommand({ RoleName: "within", PermissionsBoundary: `${ACCOUNT}:policy/other` }),
      ),
      iam(maker).send(new DeleteRolePermissionsBoundaryCommand({ RoleName: "within" })),
    ]) {
      expect((await rejection(refused)).name).to.equal("AccessDenied");
    }

    await iam(maker).send(
      new PutRolePermissionsBoundaryCommand({ RoleName: "without", PermissionsBoundary: boundary }),
    );
    await put("without", document("s3:*"), maker);
  });

  it("leave of a role's permissions only what they have too", async () => {
    const session = aws.sessions.assume(`${ACCOUNT}:role/within`, "s1");
    const s3 = (keys?: SessionKeys) => new S3Client({ ...client(keys), forcePathStyle: true });
    const object = { Bucket: "objects", Key: "k" };
    await s3().send(new CreateBucketCommand({ Bucket: "objects" }));
    await s3().send(new PutObjectCommand({ ...object, Body: "1" }));

    expect(await (await s3(session).send(new GetObjectCommand(object))).Body?.transformToString()).to.equal("1");
    const refused = await rejection(s3(session).send(new PutObjectCommand({ ...object, Body: "2" })));
    expect(refused.message).to.match(/because no permissions boundary allows the s3:PutObject action$/);
  });
});
