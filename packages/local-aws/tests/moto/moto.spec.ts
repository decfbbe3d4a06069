import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CloudWatchLogsClient, ListAnomaliesCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  GetOrganizationsAccessReportCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
} from "@aws-sdk/client-iam";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { expect } from "chai";
import { LOCAL_ACCOUNT } from "../../core/account";
import { startMoto, type Moto } from "../../moto";
import { testPython } from "pulumi-engine/testing/python";
import { serve, type Served } from "../../testing/serve";
import { rejection } from "../core/support";

describe("moto, behind the local AWS", function () {
  this.timeout(30_000);
  let moto: Moto;
  let served: Served;
  let s3: S3Client;

  before(async () => {
    moto = await startMoto(testPython());
    served = await serve(moto.inAccount(LOCAL_ACCOUNT.accountId));
    s3 = new S3Client({ ...served.client, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: "bucket" }));
  });
  after(async () => {
    await served.close();
    await moto.close();
  });

  it("keeps objects, whatever their bytes and the characters of their keys", async () => {
    const Body = Uint8Array.from({ length: 256 }, (_, i) => i);
    const at = { Bucket: "bucket", Key: "a b/ü+&=?/c" };
    await s3.send(new PutObjectCommand({ ...at, Body, ContentType: "text/csv" }));

    const got = await s3.send(new GetObjectCommand(at));

    expect(got.ContentType).to.equal("text/csv");
    expect([...(await got.Body!.transformToByteArray())]).to.deep.equal([...Body]);
  });

  it("copies only the object that the copy is to be of, and computes its digest", async () => {
    const put = (Body: string) => s3.send(new PutObjectCommand({ Bucket: "bucket", Key: "archive", Body }));
    const copy = (CopySourceIfMatch: string | undefined) =>
      s3.send(
        new CopyObjectCommand({
          ...{ Bucket: "bucket", Key: "copy", CopySource: "bucket/archive" },
          ...{ CopySourceIfMatch, ChecksumAlgorithm: "SHA256" },
        }),
      );
    const { ETag } = await put("one");

    const { CopyObjectResult } = await copy(ETag);
    await put("another");

    const digest = createHash("sha256").update("one").digest("base64");
    expect(CopyObjectResult?.ChecksumSHA256).to.equal(digest);
    expect(await rejection(copy(ETag))).to.have.property("name", "PreconditionFailed");
    const there = new HeadObjectCommand({ Bucket: "bucket", Key: "copy", ChecksumMode: "ENABLED" });
    expect((await s3.send(there)).ChecksumSHA256).to.equal(digest);
  });

  it("tells an object that is not there from an operation that is not there", async () => {
    const none = { Bucket: "bucket", Key: "none" };
    expect(await rejection(s3.send(new GetObjectCommand(none)))).to.have.property("name", "NoSuchKey");
    expect(await rejection(s3.send(new HeadObjectCommand(none)))).to.have.property("name", "NotFound");
  });

  it("has AWS's own policies for roles", async () => {
    const iam = new IAMClient(served.client);
    await iam.send(new CreateRoleCommand({ RoleName: "r", AssumeRolePolicyDocument: "{}" }));
    const PolicyArn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    await iam.send(new AttachRolePolicyCommand({ RoleName: "r", PolicyArn }));

    const { AttachedPolicies } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName: "r" }));

    expect(AttachedPolicies).to.deep.equal([{ PolicyName: "AWSLambdaBasicExecutionRole", PolicyArn }]);
  });

  it("names an operation that it does not have, in a way that clients can read", async () => {
    const inJson = await rejection(new CloudWatchLogsClient(served.client).send(new ListAnomaliesCommand({})));
    const inForm = await rejection(
      new IAMClient(served.client).send(new GetOrganizationsAccessReportCommand({ JobId: "j" })),
    );

    expect(inJson).to.include({
      name: "NotImplemented",
      message: "NotImplemented: Logs_20140328.ListAnomalies is not part of the local AWS",
    });
    expect(inForm).to.include({
      name: "NotImplemented",
      message: "NotImplemented: iam.GetOrganizationsAccessReport is not part of the local AWS",
    });
  });

  it("is reached by this user alone: by a socket in a folder that nobody else may enter", async () => {
    const { socketPath } = moto.reach.requestHandler!.httpAgent;
    expect((await stat(dirname(socketPath))).mode & 0o077).to.equal(0);
    expect((await stat(socketPath)).isSocket()).to.equal(true);
  });

  it("comes with AWS's service models", () => {
    expect(existsSync(join(moto.serviceModelsDir, "sagemaker"))).to.equal(true);
  });

  it("says what it printed where it does not start", async () => {
    const error = await rejection(startMoto("/no/such/python"));

    expect(error.message).to.equal(
      "moto, which keeps S3 and IAM for the local AWS, ended with 127: " +
        "/no/such/python could not be started: spawn /no/such/python ENOENT",
    );
  });

  it("says that it has ended by itself", async () => {
    const other = await startMoto(testPython());
    execFileSync("pkill", ["-KILL", "-f", dirname(other.reach.requestHandler!.httpAgent.socketPath)]);
    expect((await rejection(other.broken)).message).to.match(/^moto, which keeps S3 and IAM .*, ended with a signal/);
    await other.close();
  });

  it("tells a request that it can no longer answer, by name", async () => {
    const other = await startMoto(testPython());
    let told = false;
    other.broken.catch(() => (told = true));
    await other.close();
    const request = {
      method: "GET",
      path: "/x",
      query: new URLSearchParams("a=1"),
      headers: {},
      body: new Uint8Array(),
    };

    const error = await rejection(other.inAccount(LOCAL_ACCOUNT.accountId).handle(request));

    expect(error.message).to.match(/^moto does not answer GET \/x: connect ENOENT/);
    expect(told, "its end by itself").to.equal(false);
  });
});
