import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { LocalAws } from "local-aws";
import { clientConfig } from "local-aws/core/local";
import { testPython } from "pulumi-engine/testing/python";
import { run } from "pulumi-engine/run-command";
import { farFolder, remove } from "../../engine/package/install";
import { EXAMPLES, installExamples } from "../../engine/package/install-examples";
import { bucketWithData, keysOf, roleIn, startAwsWithData } from "../../engine/package/local-account";
import { BareProgram } from "../../engine/package/program";

const OTHER_ACCOUNT = "210987654321";
const NAMES = ["own-container", "own-handler", "serverless", "vpc", "two-models", "many-models", "multi-account"];

describe("the other examples, with the package as it is published", function () {
  this.timeout(300_000);
  let aws: LocalAws;
  let folder: string;
  let model: string;
  let archive: Uint8Array;

  before(async () => {
    folder = await farFolder();
    const images = { sentiment: join(EXAMPLES, "own-container/container") };
    const [started, bytes] = await Promise.all([
      startAwsWithData({ images }),
      fareModel(folder),
      installExamples(folder, NAMES),
    ]);
    ({ aws } = started);
    archive = bytes;
    model = await put(new S3Client(clientConfig(aws)), started.bucket);
  });
  after(async () => {
    await aws.close();
    await remove(folder);
  });

  async function put(s3: S3Client, Bucket: string): Promise<string> {
    await s3.send(new PutObjectCommand({ Bucket, Key: "fares/model.tar.gz", Body: archive }));
    return `s3://${Bucket}/fares/model.tar.gz`;
  }

  /** Brings an example up, lets a caller ask it, checks that nothing would change, and takes it down. */
  async function live(
    name: string,
    config: Readonly<Record<string, string>>,
    ask: (outputs: Readonly<Record<string, unknown>>) => Promise<void>,
  ): Promise<void> {
    const program = await BareProgram.open(join(folder, name), join(folder, ".engine", name), aws.environment);
    await program.configure(config);
    await program.up();
    await ask(await program.outputs());
    await program.expectNoChanges();
    await program.destroy();
  }

  it("own-container: a container that is no AWS's answers, and only with the API's key", async () => {
    const image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/sentiment:1";
    await live("own-container", { release: "r1", image }, async (outputs) => {
      const { url, apiKey } = z.object({ url: z.string(), apiKey: z.string() }).parse(outputs);
      const ask = (headers: Record<string, string>, text: string) =>
        fetch(url, {
          method: "POST",
          headers: { "content-type": "application/json", ...headers },
          body: JSON.stringify({ text }),
        });
      expect(await (await ask({ "x-api-key": apiKey }, "Great")).json()).to.deep.equal({ label: "friendly" });
      expect((await ask({}, "Great")).status).to.equal(403);
    });
  });

  it("own-handler: the function of one's own asks the release's endpoint in its own words", async () => {
    await live("own-handler", { release: "r1", model }, async () => {
      const { statusCode, body } = await invoke("fares", "12");
      expect(statusCode).to.equal(200);
      expect(body).to.match(/^\{"fares":\["(19|20)\.\d\d USD"\]\}$/);
      expect((await invoke("fares", "-1")).statusCode).to.equal(400);
    });
  });

  it("serverless: it answers without instances", async () => {
    await live("serverless", { release: "r1", model }, async () => {
      expect((await invoke("fares", "12")).statusCode).to.equal(200);
    });
  });

  it("vpc: it answers whoever may call its function", async () => {
    const place = { subnetIds: '["subnet-0a1b2c3d4e5f60718"]', securityGroupIds: '["sg-0a1b2c3d4e5f60718"]' };
    await live("vpc", { release: "r1", model, ...place }, async () => {
      expect((await invoke("fares", "12")).statusCode).to.equal(200);
    });
  });

  it("two-models: each has its own release", async () => {
    await live("two-models", { dayRelease: "d7", nightRelease: "n2", model }, async ({ liveReleases }) => {
      expect(liveReleases).to.deep.equal({ day: "d7", night: "n2" });
      return Promise.resolve();
    });
  });

  it("many-models: each has a pipeline, and a place for its data", async () => {
    const key = "key/11111111-2222-3333-4444-555555555555";
    const config = {
      models: '["fares","tips"]',
      bucket: "models",
      connectionArn: `arn:aws:codeconnections:us-east-1:123456789012:connection/11111111-2222-3333-4444-555555555555`,
      repository: "owner/name",
      stateBucket: "state",
      kmsAlias: "alias/state",
      kmsKeyArn: `arn:aws:kms:us-east-1:123456789012:${key}`,
    };
    await live("many-models", config, async ({ dataSources }) => {
      const { fares, tips } = z.object({ fares: z.string(), tips: z.string() }).parse(dataSources);
      expect(fares).to.match(/^s3:\/\/.+\/mlops-fares-pipeline\/data-source\.zip$/);
      expect(tips).to.contain("/mlops-tips-pipeline/");
      return Promise.resolve();
    });
  });

  it("multi-account: the release is live in both accounts", async () => {
    const bucket = await bucketWithData(aws, "us-east-1", OTHER_ACCOUNT);
    const theirs = new S3Client({ ...clientConfig(aws), credentials: keysOf(aws, OTHER_ACCOUNT) });
    const productionRole = await roleIn(aws, OTHER_ACCOUNT);
    const models = { stagingModel: model, productionModel: await put(theirs, bucket) };
    await live("multi-account", { release: "r1", ...models, productionRole }, async () => {
      const lambda = new LambdaClient({ ...clientConfig(aws), credentials: keysOf(aws, OTHER_ACCOUNT) });
      expect((await invoke("fares", "12", lambda)).statusCode).to.equal(200);
    });
  });

  /** What a function's live alias answers to a request as API Gateway would hand it over. */
  async function invoke(FunctionName: string, body: string, lambda = new LambdaClient(clientConfig(aws))) {
    const event = { httpMethod: "POST", headers: { "Content-Type": "text/csv" }, body, isBase64Encoded: false };
    const { Payload } = await lambda.send(
      new InvokeCommand({ FunctionName, Qualifier: "live", Payload: JSON.stringify(event) }),
    );
    const answer = z.object({ statusCode: z.number(), body: z.string() });
    return answer.parse(JSON.parse(Buffer.from(Payload ?? []).toString()));
  }
});

/** A model that was trained elsewhere, as an archive. */
async function fareModel(folder: string): Promise<Uint8Array> {
  const path = join(folder, "model.tar.gz");
  await run(testPython(), [join(__dirname, "archive.py"), path]);
  return readFile(path);
}
