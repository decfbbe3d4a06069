import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { sdkStreamMixin } from "@smithy/core/serde";
import { mockClient, type AwsClientStub } from "aws-sdk-client-mock";
import { expect } from "chai";
import { check } from "../../../pipeline/checks";
import { readSettings } from "../../../pipeline/settings";

describe("the project's checks in a build", () => {
  let s3: AwsClientStub<S3Client>;
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "checks-"));
    s3 = mockClient(S3Client);
    s3.on(GetObjectCommand).rejects(new NoSuchKey({ message: "", $metadata: {} }));
  });
  afterEach(async () => {
    s3.restore();
    await rm(root, { recursive: true, force: true });
  });

  const settings = (CHECKS: string) =>
    readSettings(
      {
        MODEL_NAME: "nyctaxi",
        MODEL_BUCKET: "models",
        PIPELINE_NAME: "pipeline",
        ARTIFACT_BUCKET: "artifacts",
        STATE_URL: "s3://state",
        SECRETS_PROVIDER: "awskms:///alias/state",
        RELEASE: "r1",
        GIT_COMMIT: "c1",
        CHECKS,
      },
      root,
    );
  const seen = (command: string) => s3.on(GetObjectCommand).resolves({ Body: sdkStreamMixin(Readable.from(command)) });
  const marked = () => s3.commandCalls(PutObjectCommand).map(({ args }) => args[0].input);

  it("run in the tree, without the build's own rights, and are noted by commit", async () => {
    process.env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI = "/credentials";
    try {
      await check(settings("env > seen.txt"), () => undefined);
    } finally {
      delete process.env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI;
    }

    const environment = await readFile(join(root, "seen.txt"), "utf8");
    expect(environment).to.match(/^PATH=/m);
    expect(environment).not.to.match(/^(AWS|CODEBUILD|PULUMI)_/m);
    expect(marked()).to.deep.equal([{ Bucket: "artifacts", Key: "pipeline/checks/c1", Body: "env > seen.txt" }]);
  });

  it("are not run again for a commit that has passed the same", async () => {
    seen("exit 1");

    await check(settings("exit 1"), () => undefined);

    expect(marked()).to.deep.equal([]);
  });

  it("are run where S3 does not tell a build that may not list that there is no note", async () => {
    s3.on(GetObjectCommand).rejects(Object.assign(new Error("Access Denied"), { name: "AccessDenied" }));

    await check(settings("true"), () => undefined);

    expect(marked()).to.have.length(1);
  });

  it("are run where the commit has passed other ones", async () => {
    seen("true");

    await check(settings("touch ran.txt"), () => undefined);

    expect(await readFile(join(root, "ran.txt"), "utf8")).to.equal("");
  });

  it("fail the build, and nothing is noted", async () => {
    const failure = await check(settings("exit 3"), () => undefined).catch((error: unknown) => error);

    expect(failure).to.have.property("message", "the checks (exit 3) ended with exit code 3");
    expect(marked()).to.deep.equal([]);
  });
});
