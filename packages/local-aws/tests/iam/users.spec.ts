import {
  AddUserToGroupCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserPolicyCommand,
  IAMClient,
  PutGroupPolicyCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { ListModelsCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from "@aws-sdk/client-sts";
import { expect } from "chai";
import { testPython } from "pulumi-engine/testing/python";
import { accountIn } from "../../core/account";
import { startLocalAws, type LocalAws } from "../../server";
import { rejection } from "../core/support";

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

describe("requests of an IAM user", function () {
  this.timeout(30_000);
  let aws: LocalAws;
  let keys: Keys;

  before(async () => {
    aws = await startLocalAws({ python: testPython(), speed: 600 });
    await iam().send(new CreateUserCommand({ UserName: "ann", Path: "/people/" }));
    keys = await keyOf("ann");
    await s3().send(new CreateBucketCommand({ Bucket: "notes" }));
    await s3().send(new PutObjectCommand({ Bucket: "notes", Key: "ann/one", Body: "1" }));
    await s3().send(new PutObjectCommand({ Bucket: "notes", Key: "bob/one", Body: "2" }));
  });
  after(() => aws.close());

  const client = (credentials: Keys = aws.account) => ({
    endpoint: aws.endpoint,
    region: "us-east-1",
    maxAttempts: 1,
    credentials,
  });
  const iam = (credentials?: Keys) => new IAMClient(client(credentials));
  const s3 = (credentials?: Keys) => new S3Client({ ...client(credentials), forcePathStyle: true });
  const read = (Key: string) => s3(keys).send(new GetObjectCommand({ Bucket: "notes", Key }));
  const models = (credentials: Keys = keys) => new SageMakerClient(client(credentials)).send(new ListModelsCommand({}));
  const whoIs = (credentials: Keys) => new STSClient(client(credentials)).send(new GetCallerIdentityCommand({}));
  const document = (Action: string, Resource = "*", Effect = "Allow") =>
    JSON.stringify({ Version: "2012-10-17", Statement: { Effect, Action, Resource } });

  async function keyOf(UserName: string, admin: Keys = aws.account): Promise<Keys> {
    const { AccessKey } = await iam(admin).send(new CreateAccessKeyCommand({ UserName }));
    return { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
  }

  it("are refused without a policy, in AWS's words, while everybody may ask who he is", async () => {
    expect((await rejection(models())).message).to.equal(
      "User: arn:aws:iam::123456789012:user/people/ann is not authorized to perform: sagemaker:ListModels on resource: * because no identity-based policy allows the sagemaker:ListModels action",
    );
    expect(await whoIs(keys)).to.include({ Account: "123456789012", Arn: "arn:aws:iam::123456789012:user/people/ann" });
  });

  it("do what an inline policy allows, also by the user's name, until it is gone", async () => {
    const own = { UserName: "ann", PolicyName: "own" };
    const PolicyDocument = document("s3:GetObject", "arn:aws:s3:::notes/${aws:username}/*");
    await iam().send(new PutUserPolicyCommand({ ...own, PolicyDocument }));
    expect(await (await read("ann/one")).Body?.transformToString()).to.equal("1");
    expect(await rejection(read("bob/one"))).to.have.property("name", "AccessDenied");
    await iam().send(new DeleteUserPolicyCommand(own));
    expect(await rejection(read("ann/one"))).to.have.property("name", "AccessDenied");
  });

  it("do what attached policies and those of groups allow, unless one denies it", async () => {
    const { Policy } = await iam().send(
      new CreatePolicyCommand({ PolicyName: "models", PolicyDocument: document("sagemaker:List*") }),
    );
    await iam().send(new AttachUserPolicyCommand({ UserName: "ann", PolicyArn: Policy?.Arn }));
    await models();
    await iam().send(new CreateGroupCommand({ GroupName: "readers" }));
    await iam().send(new AddUserToGroupCommand({ GroupName: "readers", UserName: "ann" }));
    const group = { GroupName: "readers", PolicyName: "group" };
    await iam().send(new PutGroupPolicyCommand({ ...group, PolicyDocument: document("s3:GetObject") }));
    await read("bob/one");
    await iam().send(new PutGroupPolicyCommand({ ...group, PolicyDocument: document("sagemaker:*", "*", "Deny") }));
    expect((await rejection(models())).message).to.match(/with an explicit deny in an identity-based policy$/);
  });

  it("may assume a role that trusts them and that they may assume", async () => {
    const AssumeRolePolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: {
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::123456789012:user/people/ann" },
        Action: "sts:AssumeRole",
      },
    });
    await iam().send(new CreateRoleCommand({ RoleName: "trusting", AssumeRolePolicyDocument }));
    const assume = () =>
      new STSClient(client(keys)).send(
        new AssumeRoleCommand({ RoleArn: "arn:aws:iam::123456789012:role/trusting", RoleSessionName: "ann" }),
      );
    expect(await rejection(assume())).to.have.property("name", "AccessDenied");
    const PolicyDocument = document("sts:AssumeRole");
    await iam().send(new PutUserPolicyCommand({ UserName: "ann", PolicyName: "assume", PolicyDocument }));
    expect((await assume()).AssumedRoleUser?.Arn).to.equal("arn:aws:sts::123456789012:assumed-role/trusting/ann");
  });

  it("are answered in the user's own account", async () => {
    const others = accountIn("333333333333", "us-east-1", aws.account.secretAccessKey);
    await iam(others).send(new CreateUserCommand({ UserName: "ann" }));
    const theirs = await keyOf("ann", others);
    expect(await whoIs(theirs)).to.include({ Account: "333333333333", Arn: "arn:aws:iam::333333333333:user/ann" });
    await iam(others).send(
      new PutUserPolicyCommand({ UserName: "ann", PolicyName: "own", PolicyDocument: document("s3:*") }),
    );
    expect((await s3(theirs).send(new ListBucketsCommand({}))).Buckets ?? []).to.deep.equal([]);
    expect((await s3().send(new ListBucketsCommand({}))).Buckets).to.have.length(1);
  });

  it("are unknown by a key that is inactive, deleted or was never made", async () => {
    const key = await keyOf("ann");
    const of = { UserName: "ann", AccessKeyId: key.accessKeyId };
    await whoIs(key);
    await iam().send(new UpdateAccessKeyCommand({ ...of, Status: "Inactive" }));
    expect(await rejection(whoIs(key))).to.have.property("name", "InvalidClientTokenId");
    await iam().send(new UpdateAccessKeyCommand({ ...of, Status: "Active" }));
    await whoIs(key);
    await iam().send(new DeleteAccessKeyCommand(of));
    expect(await rejection(whoIs(key))).to.have.property("name", "InvalidClientTokenId");
    const guessed = await rejection(whoIs({ ...(await keyOf("ann")), secretAccessKey: "guessed" }));
    expect(guessed).to.have.property("name", "SignatureDoesNotMatch");
    const never = { accessKeyId: "AKIA0000000000000000", secretAccessKey: "x" };
    expect(await rejection(models(never))).to.have.property("name", "InvalidClientTokenId");
  });

  it("are by the user's own keys or a role's: other temporary keys are refused by name", async () => {
    const refused = await rejection(new STSClient(client()).send(new GetSessionTokenCommand({})));
    expect(refused.message).to.equal("NotImplemented: STS.GetSessionToken is not part of the local AWS");
  });

  it("cannot be bounded, which is refused by name", async () => {
    const PermissionsBoundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    const refused = await rejection(iam().send(new CreateUserCommand({ UserName: "bob", PermissionsBoundary })));
    expect(refused.message).to.contain("IAM.CreateUser with PermissionsBoundary is not part of the local AWS");
  });
});
