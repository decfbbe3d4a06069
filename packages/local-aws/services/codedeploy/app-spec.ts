import { createHash } from "node:crypto";
import type { RevisionLocation } from "@aws-sdk/client-codedeploy";
import { parse } from "yaml";
import { z } from "zod";
import { AwsError, notImplemented } from "../../core/aws-error";
import { messageOf } from "../../core/failure";
import { appSpecFailure } from "./failure";

/** What is to be deployed: which alias goes from which version to which, and who is asked before and after. */
export interface AppSpec {
  readonly functionName: string;
  readonly alias: string;
  readonly currentVersion: string;
  readonly targetVersion: string;
  readonly hooks: Readonly<Partial<Record<HookName, string>>>;
}

export type HookName = "BeforeAllowTraffic" | "AfterAllowTraffic";

const version = z.union([z.string(), z.number()]).transform(String);
const hook = z.strictObject({ BeforeAllowTraffic: z.string().optional(), AfterAllowTraffic: z.string().optional() });
/** https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html */
const appSpecFile = z.object({
  version: version.refine((number) => Number(number) === 0, "must be 0.0"),
  Resources: z
    .array(
      z.record(
        z.string(),
        z.object({
          Type: z.literal("AWS::Lambda::Function"),
          Properties: z.strictObject({
            Name: z.string().min(1),
            Alias: z.string().min(1),
            CurrentVersion: version,
            TargetVersion: version,
          }),
        }),
      ),
    )
    .length(1, "must hold exactly one AWS::Lambda::Function"),
  Hooks: z.array(hook).optional(),
});

/**
 * The text of an AppSpec as `CreateDeployment` is given it.
 *
 * @throws AwsError `RevisionRequiredException`, `InvalidRevisionException`; `NotImplemented` for one in S3 or on GitHub
 */
export function appSpecText(revision: RevisionLocation | undefined): string {
  if (revision === undefined) {
    throw new AwsError("RevisionRequiredException", "The revision is required.");
  }
  if (revision.revisionType === "S3" || revision.revisionType === "GitHub") {
    throw notImplemented("CodeDeploy", `CreateDeployment with a revision of type ${revision.revisionType}`);
  }
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- AWS advises against it and still takes it
  const given = revision.revisionType === "String" ? revision.string : revision.appSpecContent;
  if (given?.content === undefined) {
    throw new AwsError(
      "InvalidRevisionException",
      `A revision of type ${revision.revisionType ?? "(none)"} must have the AppSpec as its content: use revisionType AppSpecContent with appSpecContent.content.`,
    );
  }
  const sha256 = createHash("sha256").update(given.content).digest("hex");
  if (given.sha256 !== undefined && given.sha256.toLowerCase() !== sha256) {
    throw new AwsError("InvalidRevisionException", `The sha256 of the content is ${sha256}, not ${given.sha256}.`);
  }
  return given.content;
}

/**
 * Reads an AppSpec, JSON or YAML. CodeDeploy does so when the deployment starts, not when it is created.
 *
 * @throws DeploymentFailure `INVALID_LAMBDA_CONFIGURATION` with every mistake in it
 */
export function parseAppSpec(text: string): AppSpec {
  const file = appSpecFile.safeParse(parsed(text));
  if (!file.success) {
    const problems = file.error.issues.map(({ path, message }) => `${path.map(String).join(".")}: ${message}`);
    throw appSpecFailure(problems.join("; "));
  }
  const [resource, ...others] = Object.values(file.data.Resources[0] ?? {});
  if (resource === undefined || others.length > 0) {
    throw appSpecFailure("Resources: must hold exactly one AWS::Lambda::Function");
  }
  const { Name, Alias, CurrentVersion, TargetVersion } = resource.Properties;
  if (CurrentVersion === TargetVersion) {
    throw appSpecFailure(`CurrentVersion and TargetVersion are both ${CurrentVersion}: there is nothing to deploy.`);
  }
  return {
    functionName: Name,
    alias: Alias,
    currentVersion: CurrentVersion,
    targetVersion: TargetVersion,
    hooks: (file.data.Hooks ?? []).reduce((all, one) => ({ ...all, ...one }), {}),
  };
}

function parsed(text: string): unknown {
  try {
    // JSON is YAML.
    const value: unknown = parse(text);
    return value;
  } catch (error) {
    throw appSpecFailure(`It is neither JSON nor YAML: ${messageOf(error)}`);
  }
}

/** The revision of a rollback: the same function, back to the version that it came from, without hooks. */
export function reversed(spec: AppSpec): { readonly spec: AppSpec; readonly revision: RevisionLocation } {
  const spec2 = { ...spec, currentVersion: spec.targetVersion, targetVersion: spec.currentVersion, hooks: {} };
  const content = JSON.stringify({
    version: "0.0",
    Resources: [
      {
        [spec.functionName]: {
          Type: "AWS::Lambda::Function",
          Properties: {
            Name: spec2.functionName,
            Alias: spec2.alias,
            CurrentVersion: spec2.currentVersion,
            TargetVersion: spec2.targetVersion,
          },
        },
      },
    ],
  });
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { spec: spec2, revision: { revisionType: "AppSpecContent", appSpecContent: { content, sha256 } } };
}
