import { z } from "zod";
import { LONGEST_ROLLOUT_SECONDS, longestJobWait } from "../lib/build-times";
import { iamChanges } from "./iam-changes";
import { costText, monthlyCostChange, type MonthlyCost } from "./prices";
import type { Settings } from "./settings";
import type { Change, PlannedStep } from "./steps";

/** A preview in short, for the person who approves it and for the build that may refuse it. */
export interface PreviewSummary {
  readonly stack: string;
  /** Resources by kind of change, each as `type name`. */
  readonly changes: Readonly<Record<Change, readonly string[]>>;
  /** Permissions that would be added or removed, one line each, without those that each release has over its own resources. */
  readonly iam: readonly string[];
  readonly cost: MonthlyCost;
  /** Why this must not be deployed, one line each: what is live would be deleted or replaced, or something would outlast its build. */
  readonly refusals: readonly string[];
}

/** @param settings the release that is to be deployed, and how long the build may take that trains it */
export function summarize(
  stack: string,
  steps: readonly PlannedStep[],
  { release, trainBuildMinutes }: Pick<Settings, "release" | "trainBuildMinutes">,
): PreviewSummary {
  const named = (change: Change) => steps.filter((step) => step.change === change).map(label);
  return {
    stack,
    changes: { create: named("create"), update: named("update"), replace: named("replace"), delete: named("delete") },
    iam: iamChanges(steps, release),
    cost: monthlyCostChange(steps),
    refusals: [
      ...steps.filter(takesAwayWhatIsLive).map(refusal),
      ...steps.flatMap((step) => tooLong(step, trainBuildMinutes)),
    ],
  };
}

/** The whole summary, for a file: counts and cost, then a line for each kind of change with all names. */
export function summaryText(summary: PreviewSummary): string {
  const { changes, iam, refusals } = summary;
  const named = Object.entries(changes).flatMap(([change, names]) =>
    names.length > 0 ? [`  ${change}: ${names.join(", ")}`] : [],
  );
  return [
    headline(summary),
    ...named,
    ...iam.map((line) => `  IAM ${line}`),
    ...refusals.map((line) => `  REFUSED ${line}`),
  ].join("\n");
}

/**
 * The summaries for the approval's page: for production the counts, replacements, deletions and changed permissions, for the other stacks
 * the counts. It is one line, since AWS does not document line breaks in variables that a build exports. A configuration value of
 * CodePipeline may have a thousand characters, some of which are for the commit, the reason, the metrics and the archive. https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionConfiguration.html
 *
 * @param limit most characters; details of production that do not fit are counted, and are in `out/previews/summary.txt`
 */
export function previewSummaryText(summaries: readonly PreviewSummary[], limit = 330): string {
  const prod = summaries.find(({ stack }) => stack === "prod");
  const others = summaries.filter((summary) => summary !== prod).map(headline);
  const [head, details] = prod === undefined ? [[], []] : [[headline(prod)], detailsOf(prod)];
  for (let kept = details.length; kept >= 0; kept--) {
    const left = details.length - kept;
    const rest = left > 0 ? [`${left} more: see out/previews/summary.txt of artifact Release`] : [];
    const text = [...head, ...details.slice(0, kept), ...others, ...rest].join(SEPARATOR);
    if (text.length <= limit) {
      return text;
    }
  }
  return `${[...head, ...others].join(SEPARATOR).slice(0, limit - 3)}...`;
}

const SEPARATOR = " | ";

/** Such as `prod: 12 to create, 3 to delete; +$168 a month`. */
function headline({ stack, changes, cost }: PreviewSummary): string {
  const counts = Object.entries(changes).flatMap(([change, names]) =>
    names.length > 0 ? [`${names.length} to ${change}`] : [],
  );
  return `${stack}: ${counts.length > 0 ? `${counts.join(", ")}; ${costText(cost)}` : "no change"}`;
}

/** What an approver must know, the gravest first. */
function detailsOf({ changes, iam, refusals }: PreviewSummary): string[] {
  return [
    ...refusals.map((line) => `REFUSED ${line}`),
    ...changes.replace.map((name) => `replace ${name}`),
    ...iam.map((line) => `IAM ${line}`),
    ...changes.delete.map((name) => `delete ${name}`),
  ];
}

const label = ({ type, name }: PlannedStep) => `${type.split(":").at(-1) ?? type} ${name}`;

const ROLLOUT = "pulumi-nodejs:dynamic/sagemaker-safe-deploy:LambdaRollout";
/** The jobs that stack `train` waits for, and the key for how long each may run. */
const JOBS: Readonly<Partial<Record<string, string>>> = {
  "pulumi-nodejs:dynamic/sagemaker-safe-deploy:TrainingJobRun": "trainingMaxRuntimeSeconds",
  "pulumi-nodejs:dynamic/sagemaker-safe-deploy:ProcessingJobRun": "baselineMaxRuntimeSeconds",
};

/**
 * Resources that callers of the API depend on. A release's endpoint is not one of them: it is only deleted after the rollout has moved
 * every request away from it.
 */
const LIVE = [
  "aws:apigateway/restApi:RestApi",
  "aws:apigateway/stage:Stage",
  "aws:apigateway/resource:Resource",
  "aws:apigateway/method:Method",
  "aws:apigateway/integration:Integration",
  "aws:lambda/function:Function",
  ROLLOUT,
  "aws:codedeploy/application:Application",
  "aws:codedeploy/deploymentGroup:DeploymentGroup",
  "aws:apigateway/apiKey:ApiKey",
  "aws:apigateway/usagePlan:UsagePlan",
  "aws:apigateway/usagePlanKey:UsagePlanKey",
];
/** Resources that may be replaced, since the new one exists before the old one is deleted, but not deleted. */
const LIVE_IN_SOME_FORM = ["aws:apigateway/deployment:Deployment", "aws:lambda/permission:Permission"];

function takesAwayWhatIsLive({ change, type }: PlannedStep): boolean {
  const isGone = change === "delete" || change === "replace";
  const isEndpoint = type === "aws:sagemaker/endpoint:Endpoint";
  return (
    (LIVE.includes(type) && isGone) ||
    (LIVE_IN_SOME_FORM.includes(type) && change === "delete") ||
    (isEndpoint && change === "replace")
  );
}

function refusal(step: PlannedStep): string {
  const because = step.replaceReasons.length > 0 ? ` because of ${step.replaceReasons.join(", ")}` : "";
  return `${label(step)} is live and would be ${step.change === "delete" ? "deleted" : "replaced"}${because}`;
}

const waits = z.object({ timeoutSeconds: z.number() });

/** What would outlast the build that waits for it. */
function tooLong({ type, name, change, after }: PlannedStep, trainBuildMinutes: number): string[] {
  const wait = waits.safeParse(change === "delete" ? undefined : after).data?.timeoutSeconds ?? 0;
  const rollout = type === ROLLOUT && wait > LONGEST_ROLLOUT_SECONDS;
  const job = type in JOBS && wait > longestJobWait(trainBuildMinutes);
  return [
    ...(rollout
      ? [
          `its rollout may take ${wait} s, and the build that waits for it has ${LONGEST_ROLLOUT_SECONDS} s: ` +
            "shorten strategy, bakeSeconds, undecidedSeconds or drainSeconds",
        ]
      : []),
    ...(job
      ? [
          `job ${name} may take ${wait} s, and the build that waits for it has ${longestJobWait(trainBuildMinutes)} s: ` +
            `lower ${JOBS[type] ?? ""}, or raise beforeApproval.maxRuntimeSeconds of stack pipeline`,
        ]
      : []),
  ];
}
