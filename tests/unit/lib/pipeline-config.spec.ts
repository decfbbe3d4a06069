import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { configSchemas, parseConfig } from "../../../lib/config";

const CONNECTION = "arn:aws:codeconnections:us-east-1:123456789012:connection/c-1";
const connection = { type: "connection", connectionArn: CONNECTION, repository: "owner/name", branch: "main" };
const values = {
  repository: JSON.stringify(connection),
  stateUrl: "s3://state?region=us-east-1",
  secretsProvider: "awskms:///alias/state?region=us-east-1",
};
const TOKEN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:token-1";
const CLOUD = { stateUrl: "https://api.pulumi.com", secretsProvider: "default", pulumiAccessTokenSecretArn: TOKEN };

const read = (config: Record<string, string>) => parseConfig(configSchemas.pipeline, config);

/** The lines that a refusal says, without its heading. */
function refusal(config: Record<string, string>): string[] {
  try {
    read(config);
  } catch (error) {
    return String(error)
      .split("\n")
      .slice(1)
      .map((line) => line.trim());
  }
  return [];
}

const FILE = readFileSync(join(__dirname, "../../../Pulumi.pipeline.yaml"), "utf8");

describe("config of the pipeline", () => {
  it("needs a repository and a place for the state; the rest has the reference's values", () => {
    expect(read(values)).to.deep.equal({
      ...values,
      modelFolder: "model",
      repository: connection,
      executionMode: "QUEUED",
      scheduleExpression: "cron(0 12 1 * ? *)",
      scheduleEnabled: false,
      retrain: {},
      notebook: false,
      pullRequests: false,
      beforeApproval: {},
      approvalTimeoutMinutes: 10_080,
      artifactDays: 90,
      stackConfig: {},
    });
    expect(refusal({})).to.have.members(
      ["repository", "stateUrl", "secretsProvider"].map(
        (key) => `${key}: is missing; set it with: pulumi config set ${key} <value>`,
      ),
    );
  });

  it("takes parts as `pulumi config set --path` stores them: fractions as text, and a branch of digits as a number", () => {
    const repository = JSON.stringify({ ...connection, branch: 2027 });
    expect(read({ ...values, repository }).repository).to.include({ branch: "2027" });
    const stackConfig = { prod: { alarms: { modelFaultsPercent: "0.5" }, pollSeconds: "0.5" } };
    expect(read({ ...values, stackConfig: JSON.stringify(stackConfig) })).to.deep.include({ stackConfig });
  });

  it("in Pulumi.pipeline.yaml is the default, and every key is told of there", () => {
    const { config } = parse(FILE) as { config: Record<string, unknown> };
    const own = Object.entries(config).filter(([key]) => !key.includes(":"));

    expect(read({ ...values, ...Object.fromEntries(own.map(([key, value]) => [key, String(value)])) })).to.deep.equal(
      read(values),
    );
    for (const key of Object.keys(configSchemas.pipeline.shape)) {
      expect(FILE).to.match(new RegExp(`^ {2}(# )?${key}:`, "m"));
    }
  });

  it("in Pulumi.pipeline.yaml has examples that could be used", () => {
    const examples = FILE.replaceAll(/^ {2}# ((?: {2})?\w+:(?: \S+)?)$/gm, "  $1");
    const connected = examples.slice(0, examples.indexOf("# Or a repository"));
    const { repository } = (parse(connected) as { config: { repository: object } }).config;
    const [stacks = ""] = /^ {2}# stackConfig:\n(?: {2}# {3}.*\n)+/m.exec(FILE) ?? [];
    const { stackConfig } = parse(stacks.replaceAll(/^ {2}# /gm, "")) as { stackConfig: object };

    expect(read({ ...values, repository: JSON.stringify(repository) }).repository.type).to.equal("connection");
    expect(read({ ...values, stackConfig: JSON.stringify(stackConfig) }).stackConfig).to.deep.equal(stackConfig);
    expect(stackConfig).to.have.all.keys("train", "prod");
  });

  it("takes values of the other stacks' config as they are, texts and structured ones, and a command for the checks", () => {
    const stackConfig = {
      train: { pollSeconds: "5", hyperparameters: { eta: 0.2 } },
      dev: {},
      prod: { minInstances: 2, emergency: true, alarms: '{"latencyP99Ms":500}', strategy: { type: "allAtOnce" } },
    };

    expect(read({ ...values, stackConfig: JSON.stringify(stackConfig), checks: "npm run types" })).to.deep.include({
      stackConfig,
      checks: "npm run types",
    });
  });

  it("takes limits for what a release uses before its approval, and tells all at once what is wrong with them", () => {
    const beforeApproval = { instanceTypes: ["ml.p3.*"], maxRuntimeSeconds: 60, networkAccess: true };
    const wrong = { instanceTypes: ["m5.large"], maxRuntimeSeconds: 59, networkAccess: "no", spot: true };

    expect(read({ ...values, beforeApproval: JSON.stringify(beforeApproval) })).to.deep.include({ beforeApproval });
    expect(refusal({ ...values, beforeApproval: JSON.stringify(wrong) })).to.have.length(4);
  });

  it("takes a notebook instance, and tells all at once what is wrong with it", () => {
    const good = { instanceType: "ml.t3.large", volumeSizeGB: 50, mayApprove: true };
    expect(read({ ...values, notebook: JSON.stringify(good) }).notebook).to.deep.equal(good);
    const wrong = JSON.stringify({ instanceType: "t3.large", volumeSizeGB: 4, subnetId: "vpc-1", rootAccess: true });
    expect(refusal({ ...values, notebook: wrong })).to.have.members([
      `notebook.instanceType: must begin with ml., such as ml.t3.medium, got "${wrong}"`,
      `notebook.volumeSizeGB: must be a whole number, 5 to 16384, got "${wrong}"`,
      `notebook.subnetId: must begin with subnet-, got "${wrong}"`,
      "notebook.rootAccess: is not a field of notebook",
    ]);
  });

  it("tells all at once what is wrong with the other stacks' config", () => {
    const stackConfig = {
      train: { pollSeconds: 0, eta: "0.2" },
      dev: "small",
      prod: { minInstances: "many", strategy: { type: "canary", percent: 200, intervalMinutes: 1 }, release: "r1" },
      test: {},
    };

    expect(refusal({ ...values, stackConfig: JSON.stringify(stackConfig), artifactDays: "0" })).to.have.members([
      "stackConfig.train.pollSeconds: must be above 0, got 0",
      "stackConfig.train.eta: is not a field of stackConfig.train",
      'stackConfig.dev: must be an object, got "small"',
      'stackConfig.prod.minInstances: must be a number, got "many"',
      `stackConfig.prod.strategy: percent must be a whole number from 1 to 99, got 200`,
      'stackConfig.prod.release: is set by the pipeline itself, got "r1"',
      "stackConfig.test: is not a field of stackConfig",
      'artifactDays: must be 1 or more, got "0"',
    ]);
    expect(refusal({ ...values, stackConfig: "[]", checks: "" })).to.have.members([
      "stackConfig: must be an object, got []",
      'checks: must not be empty, got ""',
    ]);
  });

  it("takes CodeCommit, and Pulumi Cloud with a token", () => {
    const repository = { type: "codecommit", repository: "taxi", branch: "main" };

    expect(read({ ...values, ...CLOUD, repository: JSON.stringify(repository) })).to.deep.include({
      ...CLOUD,
      repository,
    });
  });

  it("tells everything that is wrong at once, single values and what does not go together", () => {
    const lines = refusal({
      model: "NYC",
      repository: JSON.stringify({ type: "codecommit", repository: "", branch: "main" }),
      executionMode: "ALL",
      stateUrl: "s3://state",
      secretsProvider: "default",
      notificationEmail: "team",
      scheduleExpression: "monthly",
      approvalTimeoutMinutes: "1",
      artifactDays: "0",
      pullRequests: "true",
      pulumiAccessTokenSecretArn: TOKEN,
      email: "a@b.c",
    });

    for (const start of [
      "model: must be lower-case",
      "repository.repository: must not be empty",
      "executionMode: must be QUEUED, SUPERSEDED or PARALLEL",
      "secretsProvider: must be awskms:///alias/<name>?region=<region> with a state in S3",
      "notificationEmail: must be an e-mail address",
      "scheduleExpression: must be cron(…) or rate(…)",
      "approvalTimeoutMinutes: must be 5 to 86400",
      "artifactDays: must be 1 or more",
      "pullRequests: needs a connected repository",
      "pullRequests: needs the state in S3",
      "pulumiAccessTokenSecretArn: is for Pulumi Cloud",
      "email: is not a key of this stack",
    ]) {
      expect(lines.filter((line) => line.startsWith(start))).to.have.length(1, start);
    }
  });

  it("keeps artifacts for a day longer than somebody may approve them", () => {
    const ofDays = (artifactDays: string, approvalTimeoutMinutes: string) =>
      refusal({ ...values, artifactDays, approvalTimeoutMinutes });
    const told = (days: string, minutes: string) => [
      `artifactDays: must be at least a day more than approvalTimeoutMinutes, got ${days} days and ${minutes} minutes`,
    ];

    expect(ofDays("8", "10080")).to.deep.equal([]);
    expect(ofDays("8", "10081")).to.deep.equal(told("8", "10081"));
    expect(ofDays("7", "10080")).to.deep.equal(told("7", "10080"));
    expect(refusal({ ...values, artifactDays: "3" })).to.deep.equal(told("3", "10080"));
    expect(refusal({ ...values, approvalTimeoutMinutes: "86400", artifactDays: "61" })).to.deep.equal([]);
    expect(refusal({ ...values, approvalTimeoutMinutes: "86400", artifactDays: "60" })).to.deep.equal(
      told("60", "86400"),
    );
    expect(refusal({ ...values, artifactDays: "many", approvalTimeoutMinutes: "86400" })).to.deep.equal([
      'artifactDays: must be a number, got "many"',
    ]);
  });

  it("refuses Pulumi Cloud without a token", () => {
    const { pulumiAccessTokenSecretArn, ...without } = CLOUD;

    expect(refusal({ ...values, ...without })).to.deep.equal([
      "pulumiAccessTokenSecretArn: is missing; set it with: pulumi config set pulumiAccessTokenSecretArn <value>",
    ]);
    expect(pulumiAccessTokenSecretArn).to.equal(TOKEN);
  });

  for (const [what, repository] of Object.entries({
    "no JSON": "main",
    "another kind": JSON.stringify({ type: "svn", repository: "a", branch: "b" }),
    "no connection's ARN": JSON.stringify({ ...connection, connectionArn: "github" }),
    "a name without its owner": JSON.stringify({ ...connection, repository: "name" }),
    "no branch": JSON.stringify({ ...connection, branch: undefined }),
    "one thing too many": JSON.stringify({ ...connection, tag: "v1" }),
  })) {
    it(`refuses a repository with ${what}`, () => {
      const lines = refusal({ ...values, repository });

      expect(lines).to.have.length(1);
      expect(lines[0]).to.match(/^repository/);
    });
  }
});
