/** The config of stack `pipeline`: where code and state are, and how releases travel. */
import { z } from "zod";
import { LONGEST_JOB_SECONDS } from "./build-times";
import { fallback, flag, inForm, inWords, json, text, wholeNumber } from "./config-values";
import { notebook } from "./notebook-config";

const FORMS =
  'must be {"type":"connection","connectionArn":"<ARN>","repository":"owner/name","branch":"main"} or ' +
  '{"type":"codecommit","repository":"name","branch":"main"}';
const part = z.string("must be a text").min(1, "must not be empty");

const repository = z.discriminatedUnion(
  "type",
  [
    z.strictObject({
      type: z.literal("connection"),
      connectionArn: z
        .string("must be a text")
        .regex(
          /^arn:aws[a-z-]*:(codestar-connections|codeconnections):[a-z0-9-]+:\d{12}:connection\/.+/,
          "must be the ARN of a connection",
        ),
      repository: z.string("must be a text").regex(/^[^/\s]+(\/[^/\s]+)+$/, "must be owner/name"),
      branch: part,
    }),
    z.strictObject({ type: z.literal("codecommit"), repository: part, branch: part }),
  ],
  { error: FORMS },
);

const SECONDS = `must be a whole number, 60 to ${LONGEST_JOB_SECONDS}, since the build that waits for a job ends after 36 hours`;
const beforeApproval = z.strictObject({
  instanceTypes: z.array(z.string().regex(/^ml\./, "must begin with ml., such as ml.m5.*")).min(1).optional(),
  maxRuntimeSeconds: z.int(SECONDS).min(60, SECONDS).max(LONGEST_JOB_SECONDS, SECONDS).optional(),
  networkAccess: z.boolean("must be true or false").optional(),
});

const schedule = z.string("must be a text").regex(/^(cron|rate)\(.+\)$/, "must be cron(…) or rate(…)");
const ZERO_OR_MORE = "must be a number, 0 or more";
const retrain = z.union(
  [
    z.literal(false),
    z.strictObject({
      alarmNames: z.array(z.string().min(1, "must not be empty")).min(1, "must name an alarm").optional(),
      lookSchedule: schedule.optional(),
      cooldownHours: z.number(ZERO_OR_MORE).min(0, ZERO_OR_MORE).optional(),
      maximumPerDay: z.int("must be a whole number").min(1, "must be 1 or more").optional(),
      requireNewData: z.boolean("must be true or false").optional(),
      settleMinutes: z.number(ZERO_OR_MORE).min(0, ZERO_OR_MORE).optional(),
    }),
  ],
  {
    error:
      "must be false or an object of alarmNames, lookSchedule, cooldownHours, maximumPerDay, requireNewData and settleMinutes",
  },
);

/** The pipeline itself sets these for every release, so a value here would have no effect. */
const SET_BY_THE_PIPELINE = [
  ...["kind", "model", "modelFolder", "bucket", "kmsKeyArn", "notificationTopicArn", "permissionsBoundaryArn"],
  ...["canaryFolderUri"],
  ...["release", "gitBranch", "gitCommit", "dataVersion", "modelArchiveSha256", "baselineSha256"],
];

/** A rule that names the wrong part of a structured value itself is left as it is. */
const withValue = (rule: string, value: unknown) =>
  rule.includes(", got ") ? rule : `${rule}, got ${JSON.stringify(value)}`;

/** A value of another stack's config, as that stack's file may have it: text, or a value that becomes text as JSON. */
function valueOf(key: string, schema: z.core.$ZodType) {
  return z
    .unknown()
    .superRefine((value, context) => {
      const refuse = (rule: string, path: PropertyKey[] = []) =>
        context.addIssue({ code: "custom", message: withValue(rule, value), path });
      if (SET_BY_THE_PIPELINE.includes(key)) {
        refuse("is set by the pipeline itself");
        return;
      }
      const text = typeof value === "string" ? value : JSON.stringify(value);
      const { error } = z.safeParse(schema, inForm(schema, text), { error: inWords });
      error?.issues.forEach(({ message, path }) => refuse(message, path));
    })
    .optional();
}

/** A part of another stack's config, with the given values. */
function partOf({ shape }: z.ZodObject<z.core.$ZodShape>) {
  const fields = Object.entries(shape).map(([key, schema]) => [key, valueOf(key, schema)] as const);
  return z.strictObject(Object.fromEntries(fields), { error: objectOf }).optional();
}

const objectOf = ({ code, input }: { readonly code?: string; readonly input?: unknown }) =>
  code === "invalid_type" ? withValue("must be an object", input) : undefined;

/** @param stacks schemas of the stacks that the pipeline deploys */
export const pipelineConfig = (stacks: Readonly<Record<"train" | "dev" | "prod", z.ZodObject<z.core.$ZodShape>>>) => ({
  /**
   * Where the code is: `type` `connection` with `connectionArn`, `repository` (`owner/name`) and `branch`, or `type` `codecommit` with
   * `repository` and `branch`.
   */
  repository: json("an object", "pulumi config set --path 'repository.branch' main", repository),
  /** What happens to an execution that starts while another one runs. */
  executionMode: fallback(
    z.enum(["QUEUED", "SUPERSEDED", "PARALLEL"], "must be QUEUED, SUPERSEDED or PARALLEL"),
    "QUEUED",
  ),
  /** Where the state of train, dev and prod is: `s3://bucket?region=us-east-1`, or `https://api.pulumi.com` for Pulumi Cloud. */
  stateUrl: z
    .string()
    .regex(/^(s3:\/\/[a-z0-9]|https:\/\/.)/, "must be s3://<bucket>?region=<region> or https://api.pulumi.com"),
  /** What encrypts secrets in it: `awskms:///alias/<name>?region=us-east-1`, or `default` for Pulumi Cloud. */
  secretsProvider: z
    .string()
    .regex(/^(awskms:\/\/\/.|default$)/, "must be awskms:///alias/<name>?region=<region>, or default"),
  /** ARN of a secret of Secrets Manager with an access token of Pulumi Cloud. @default - none: the state is in S3 */
  pulumiAccessTokenSecretArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:.+/, "must be the ARN of a secret")
    .optional(),
  /** E-mail address that gets messages about executions and approvals. @default - nobody */
  notificationEmail: z.email("must be an e-mail address").optional(),
  /** When the pipeline starts by itself, in UTC, if `scheduleEnabled`. */
  scheduleExpression: fallback(schedule, "cron(0 12 1 * ? *)"),
  scheduleEnabled: fallback(flag, "false"),
  /**
   * When alarms, the schedule or a person may start a retraining: `alarmNames`, `lookSchedule`, `cooldownHours`, `maximumPerDay`, `requireNewData`,
   * `settleMinutes`; or `false` for none. @default - alarms mlops-<model>-drift and -quality, looked at each day, 24 hours, 1 a day, only new data, 60 minutes
   */
  retrain: fallback(json("false or an object", "pulumi config set --path 'retrain.cooldownHours' 24", retrain), "{}"),
  /**
   * Limits for what a release uses before it is approved: `instanceTypes` with `*` for any characters, `maxRuntimeSeconds` of a job,
   * 60 to 124200, `networkAccess` of jobs. @default - up to 2xlarge, 14400 seconds, no network
   */
  beforeApproval: fallback(
    json("an object", "pulumi config set --path 'beforeApproval.maxRuntimeSeconds' 14400", beforeApproval),
    "{}",
  ),
  /** Whether a second pipeline checks and previews pull requests. */
  pullRequests: fallback(flag, "false"),
  /**
   * A notebook instance for data scientists: `instanceType`, `volumeSizeGB`, `mayApprove`, `subnetId`, `securityGroupIds`, `{}` as usual; or
   * `false` for none. See the arguments of `ReleaseNotebook`.
   */
  notebook: fallback(
    json("false or an object", "pulumi config set --path 'notebook.instanceType' ml.t3.medium", notebook),
    "false",
  ),
  /** Minutes after which an approval expires. */
  approvalTimeoutMinutes: fallback(wholeNumber(5, 86_400), "10080"),
  /** Days that artifacts are kept, at least one more than an approval may take. */
  artifactDays: fallback(wholeNumber(1), "90"),
  /** Config of `train`, `dev` and `prod`, by stack and key, over that of the repository's `Pulumi.<stack>.yaml`. No secrets. */
  stackConfig: fallback(
    json(
      "an object",
      "pulumi config set --path 'stackConfig.prod.minInstances' 2",
      z.strictObject(
        { train: partOf(stacks.train), dev: partOf(stacks.dev), prod: partOf(stacks.prod) },
        { error: objectOf },
      ),
    ),
    "{}",
  ),
  /** Shell command of the repository's checks, run once for each commit. @default - `npm run check` */
  checks: text.optional(),
});

/** The members that the rules below need, whatever else is wrong. */
const asked = z.looseObject({
  repository: z.looseObject({ type: z.unknown() }).catch({ type: undefined }),
  stateUrl: z.string().catch(""),
  secretsProvider: z.string().catch(""),
  pulumiAccessTokenSecretArn: z.string().optional().catch(undefined),
  pullRequests: z.boolean().catch(false),
  approvalTimeoutMinutes: z.number().min(5).max(86_400).catch(0),
  artifactDays: z.number().min(1).catch(Infinity),
});
type Asked = z.output<typeof asked>;
type Message = string | ((config: Asked) => string);

/** Whether artifacts are kept at least a day longer than an approval may take. */
export function outlast(artifactDays: number, approvalTimeoutMinutes: number): boolean {
  return (artifactDays - 1) * 1440 >= approvalTimeoutMinutes;
}

/** Rules about several values together. */
const RULES: readonly (readonly [key: string, message: Message, broken: (config: Asked) => boolean])[] = [
  [
    "pullRequests",
    "needs a connected repository, since CodePipeline does not support pull requests of CodeCommit",
    ({ pullRequests, repository: { type } }) => pullRequests && type === "codecommit",
  ],
  [
    "pullRequests",
    "needs the state in S3: with a token of Pulumi Cloud, code that nobody has approved could change the state",
    ({ pullRequests, pulumiAccessTokenSecretArn }) => pullRequests && pulumiAccessTokenSecretArn !== undefined,
  ],
  [
    "pulumiAccessTokenSecretArn",
    "is missing",
    ({ stateUrl, pulumiAccessTokenSecretArn }) =>
      stateUrl.startsWith("https:") && pulumiAccessTokenSecretArn === undefined,
  ],
  [
    "pulumiAccessTokenSecretArn",
    "is for Pulumi Cloud, and stateUrl is not",
    ({ stateUrl, pulumiAccessTokenSecretArn }) =>
      stateUrl.startsWith("s3:") && pulumiAccessTokenSecretArn !== undefined,
  ],
  [
    "secretsProvider",
    "must be awskms:///alias/<name>?region=<region> with a state in S3",
    ({ stateUrl, secretsProvider }) => stateUrl.startsWith("s3:") && secretsProvider === "default",
  ],
  [
    "artifactDays",
    ({ artifactDays, approvalTimeoutMinutes }) =>
      `must be at least a day more than approvalTimeoutMinutes, got ${artifactDays} days and ${approvalTimeoutMinutes} minutes`,
    ({ artifactDays, approvalTimeoutMinutes }) => !outlast(artifactDays, approvalTimeoutMinutes),
  ],
];

/** The schema with its rules. The rules are checked even if single values are wrong, so that all problems are told at once. */
export function withRules<Shape extends z.ZodRawShape>(schema: z.ZodObject<Shape, z.core.$strict>) {
  return RULES.reduce(
    (ruled, [key, message, broken]) =>
      ruled.refine((config) => !broken(asked.parse(config)), {
        path: [key],
        error: ({ input }) => (typeof message === "string" ? message : message(asked.parse(input))),
        when: () => true,
      }),
    schema,
  );
}
