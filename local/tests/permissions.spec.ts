import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { CODEBUILD, CODEDEPLOY, CODEPIPELINE } from "local-aws/services/iam/permissions/code";
import { LAMBDA } from "local-aws/services/iam/permissions/lambda";
import { IAM, SNS, STS } from "local-aws/services/iam/permissions/query";
import { CLOUDWATCH, EVENTS, KMS, LOGS } from "local-aws/services/iam/permissions/records";
import { AUTOSCALING, SAGEMAKER } from "local-aws/services/iam/permissions/sagemaker";

const ROOT = resolve(__dirname, "../..");

describe("the permissions of the local AWS", () => {
  it("are known of every operation that the project calls", () => {
    const rules: Readonly<Record<string, object>> = {
      "application-auto-scaling": AUTOSCALING,
      cloudwatch: CLOUDWATCH,
      "cloudwatch-logs": LOGS,
      codebuild: CODEBUILD,
      codedeploy: CODEDEPLOY,
      codepipeline: CODEPIPELINE,
      eventbridge: EVENTS,
      iam: IAM,
      kms: KMS,
      lambda: LAMBDA,
      sagemaker: SAGEMAKER,
      sns: SNS,
      sts: STS,
    };
    /** Told by method and path. */
    const byPath = ["api-gateway", "s3", "sagemaker-runtime"];
    const called = [
      "components",
      "handlers",
      "lib",
      "stacks",
      "packages/pulumi-local-aws",
      "packages/local-aws/services/codepipeline",
      "packages/local-aws/services/codebuild",
      "packages/local-aws/services/events",
    ]
      .flatMap((folder) => sources(join(ROOT, folder)))
      .flatMap((file) => [
        ...readFileSync(file, "utf8").matchAll(/import \{([^}]*)\} from "@aws-sdk\/client-([a-z0-9-]+)"/g),
      ])
      .flatMap(([, names = "", client = ""]) =>
        [...names.matchAll(/\b(\w+)Command\b/g)].map(([, name = ""]) => ({ client, name })),
      )
      .filter(({ client }) => !byPath.includes(client))
      // The services here take the commands' schemas, but nobody needs what only they answer.
      .map(({ client, name }) => ({
        client,
        name: client === "lambda" && name === "Invoke" ? "InvokeFunction" : name,
      }));

    const unknown = called.filter(({ client, name }) => !(name in (rules[client] ?? {})));

    expect(called.length).to.be.above(100);
    expect(unknown).to.deep.equal([]);
  });
});

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (["node_modules", "tests", "testing", "dist", "out"].includes(name)) {
      return [];
    }
    return statSync(path).isDirectory() ? sources(path) : name.endsWith(".ts") ? [path] : [];
  });
}
