import { expect } from "chai";
import type { HttpRequest, Service } from "local-aws/core/http";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trainingJobRun } from "../../../../components/providers";
import { UNKNOWN } from "../../../../components/providers/support/inputs";
import { FakeSageMaker } from "./fake-sagemaker";
import { failureOf, startAws, type TestAws } from "./test-aws";

const OWN = "123456789012";
const OTHER = "210987654321";
const ROLE = `arn:aws:iam::${OTHER}:role/deployer`;
const given = {
  region: "us-east-1",
  jobName: "mlops-nyctaxi-r1",
  trainingImage: "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
  roleArn: `arn:aws:iam::${OWN}:role/training`,
  channels: [{ name: "train", s3Uri: "s3://bucket/data" }],
  s3OutputPath: "s3://bucket/mlops-nyctaxi",
  instanceType: "ml.m4.xlarge",
  pollSeconds: 0.002,
  timeoutSeconds: 5,
} as Parameters<typeof trainingJobRun.check>[1];
const completed = { TrainingJobStatus: "Completed", SecondaryStatus: "Completed" } as const;

describe("a dynamic resource in an account", () => {
  let sageMaker: FakeSageMaker;
  let aws: TestAws;

  beforeEach(async () => {
    sageMaker = new FakeSageMaker();
    sageMaker.trainingLooks = [completed];
    aws = await startAws({ sagemaker: sageMaker.service, sts: sts() });
  });
  afterEach(() => aws.close());

  const checked = async (account: object) => {
    const { inputs, failures } = await trainingJobRun.check({}, { ...given, account } as typeof given);
    expect(failures).to.deep.equal([]);
    return inputs!;
  };

  it("is made there and keeps in the state where it is", async () => {
    const { outs } = await trainingJobRun.create(await checked({ id: OWN }));
    expect(outs).to.deep.include({ account: { id: OWN }, status: "Completed" });
    const { props } = await trainingJobRun.read(given.jobName, outs);
    expect(props).to.deep.include({ account: { id: OWN }, status: "Completed" });
  });

  it("is refused, before anything is asked of SageMaker, where the credentials are another account's", async () => {
    const inputs = await checked({ id: OTHER });
    for (const call of [trainingJobRun.create(inputs), trainingJobRun.delete("id", inputs as never)]) {
      const { message } = await failureOf(call);
      expect(message).to.contain(OWN).and.contain(OTHER).and.contain("a profile or assumeRoles");
    }
    expect(aws.calls.filter((call) => call.endsWith("Job"))).to.deep.equal([]);
  });

  it("is made with the role of the account, assumed with the credentials of the environment", async () => {
    await trainingJobRun.create(await checked({ id: OTHER, assumeRoles: [{ roleArn: ROLE }] }));
    const key = (operation: string) => aws.accessKeys[aws.calls.indexOf(operation)];
    expect(key("CreateTrainingJob")).to.equal(`role-of-${OTHER}`);
  });

  it("is made with the profile of the account", async () => {
    const folder = mkdtempSync(join(tmpdir(), "profiles-"));
    const before = process.env.AWS_SHARED_CREDENTIALS_FILE;
    process.env.AWS_SHARED_CREDENTIALS_FILE = join(folder, "credentials");
    writeFileSync(
      join(folder, "credentials"),
      `[other]\naws_access_key_id = role-of-${OTHER}\naws_secret_access_key = secret\n`,
    );
    try {
      await trainingJobRun.create(await checked({ id: OTHER, profile: "other" }));
    } finally {
      process.env.AWS_SHARED_CREDENTIALS_FILE = before ?? "";
      rmSync(folder, { recursive: true });
    }
    expect(aws.accessKeys[aws.calls.indexOf("CreateTrainingJob")]).to.equal(`role-of-${OTHER}`);
  });

  it("keeps its account where it fails, so that destroying it finds it", async () => {
    sageMaker.trainingLooks = [{ TrainingJobStatus: "Failed", FailureReason: "no rows" }];
    const { properties } = await failureOf(trainingJobRun.create(await checked({ id: OWN })));
    expect(properties).to.deep.include({ account: { id: OWN }, status: "Failed" });
  });

  it("has not changed where an earlier version's state does not say the account", async () => {
    const { outs } = await trainingJobRun.create(await checked({ id: OWN }));
    const { account, ...old } = outs as typeof outs & { account: object };
    const inputs = await checked({ id: OWN });
    expect(await trainingJobRun.diff("id", old, inputs)).to.deep.include({ changes: false, replaces: [] });
    expect(await trainingJobRun.diff("id", { ...old, account }, inputs)).to.deep.include({ changes: false });
  });

  it("has not changed where a preview does not know the account", async () => {
    const { outs } = await trainingJobRun.create(await checked({ id: OWN }));
    const unknown = { ...(await checked({ id: OWN })), account: UNKNOWN } as never;
    expect(await trainingJobRun.diff("id", outs as never, unknown)).to.deep.include({ changes: false, replaces: [] });
  });

  it("is another one in another account, and the same one by another way there", async () => {
    const { outs } = await trainingJobRun.create(await checked({ id: OWN }));
    const moved = await trainingJobRun.diff("id", outs as never, await checked({ id: OTHER }));
    expect(moved).to.deep.include({ changes: true, replaces: ["account"] });
    const renamed = await trainingJobRun.diff("id", outs as never, await checked({ id: OWN, profile: "own" }));
    expect(renamed).to.deep.include({ changes: true, replaces: [] });
  });

  it("finds an account that is none", async () => {
    const { failures } = await trainingJobRun.check({}, { ...given, account: { id: "me" } });
    expect(failures).to.deep.equal([
      { property: "account.id", reason: 'must be the 12 digits of an AWS account, got "me"' },
    ]);
  });
});

/** Says whose the keys are that a request is signed with, and lets any role be assumed. */
function sts(): Service {
  const keys = (id: string) =>
    `<Credentials><AccessKeyId>role-of-${id}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>` +
    "<SessionToken>token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>";
  const answer = ({ body, headers }: HttpRequest) => {
    const asked = new URLSearchParams(Buffer.from(body).toString());
    const id = /Credential=role-of-(\d+)/.exec(headers.authorization ?? "")?.[1] ?? OWN;
    const result =
      asked.get("Action") === "AssumeRole"
        ? keys(/::(\d+):/.exec(asked.get("RoleArn") ?? "")?.[1] ?? "")
        : `<Account>${id}</Account>`;
    return `<R xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${asked.get("Action")}Result>${result}</${asked.get("Action")}Result></R>`;
  };
  return {
    name: "STS",
    handle: async (request) => ({ status: 200, headers: { "content-type": "text/xml" }, body: answer(request) }),
  };
}
