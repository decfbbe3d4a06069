import { isDeepStrictEqual } from "node:util";
import type { Change, Inputs, PlannedStep } from "./steps";

/** A preview in short, for the person who is to approve it and for the build that is to refuse it. */
export interface PreviewSummary {
  readonly stack: string;
  /** Resources by what would happen to them, each as `type name`. */
  readonly changes: Readonly<Record<Change, readonly string[]>>;
  /** What would be allowed, or no longer be, one line each. */
  readonly iam: readonly string[];
  /** Why this must not be deployed, one line each; empty where nothing that is live would be deleted or replaced. */
  readonly refusals: readonly string[];
}

export function summarize(stack: string, steps: readonly PlannedStep[]): PreviewSummary {
  const named = (change: Change) => steps.filter((step) => step.change === change).map(label);
  return {
    stack,
    changes: { create: named("create"), update: named("update"), replace: named("replace"), delete: named("delete") },
    iam: steps.flatMap(iamLines),
    refusals: steps.filter(takesAwayWhatIsLive).map(refusal),
  };
}

/** The summary as text: short enough for an approval's page, which shows a thousand characters or so. */
export function summaryText({ stack, changes, iam, refusals }: PreviewSummary): string {
  const counts = Object.entries(changes).flatMap(([change, names]) =>
    names.length > 0 ? [`${names.length} to ${change}`] : [],
  );
  return [
    `${stack}: ${counts.length > 0 ? counts.join(", ") : "no change"}`,
    ...iam.map((line) => `  IAM ${line}`),
    ...refusals.map((line) => `  REFUSED ${line}`),
  ].join("\n");
}

const label = ({ type, name }: PlannedStep) => `${type.split(":").at(-1) ?? type} ${name}`;

/**
 * What callers of the API meet. A release's endpoint is not among them: the one before is deleted once the rollout has moved every
 * request away from it, and never where it has not.
 */
const LIVE = [
  "aws:apigateway/restApi:RestApi",
  "aws:apigateway/stage:Stage",
  "aws:apigateway/resource:Resource",
  "aws:apigateway/method:Method",
  "aws:apigateway/integration:Integration",
  "aws:lambda/function:Function",
  "pulumi-nodejs:dynamic/sagemaker-safe-deploy:LambdaRollout",
  "aws:codedeploy/application:Application",
];

function takesAwayWhatIsLive({ change, type }: PlannedStep): boolean {
  const isEndpoint = type === "aws:sagemaker/endpoint:Endpoint";
  return (LIVE.includes(type) && (change === "delete" || change === "replace")) || (isEndpoint && change === "replace");
}

function refusal(step: PlannedStep): string {
  const because = step.replaceReasons.length > 0 ? ` because of ${step.replaceReasons.join(", ")}` : "";
  return `${label(step)} is live and would be ${step.change === "delete" ? "deleted" : "replaced"}${because}`;
}

function iamLines(step: PlannedStep): string[] {
  if (!step.type.startsWith("aws:iam/")) {
    return [];
  }
  const [olds, news] = [statements(step.before), statements(step.after)];
  const lost = olds.filter((old) => !news.some((one) => isDeepStrictEqual(one, old)));
  const gained = news.filter((one) => !olds.some((old) => isDeepStrictEqual(one, old)));
  return [
    ...lost.map((one) => `- ${step.name}: ${inWords(one)}`),
    ...gained.map((one) => `+ ${step.name}: ${inWords(one)}`),
  ];
}

/** The statements of a policy or of a role's trust, if they are known by now. */
function statements(inputs: Inputs | undefined): readonly Inputs[] {
  const document: unknown = parsed(inputs?.policy ?? inputs?.assumeRolePolicy);
  const list: unknown = isRecord(document) ? document.Statement : undefined;
  return (Array.isArray(list) ? list : [list]).filter(isRecord);
}

function parsed(text: unknown): unknown {
  if (typeof text !== "string") {
    return text;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not known before the deployment
  }
}

function inWords({ Effect, Action, NotAction, Resource, NotResource, Principal, Condition }: Inputs): string {
  const parts = [
    String(Effect),
    NotAction === undefined ? listed(Action) : `all but ${listed(NotAction)}`,
    Resource === undefined ? undefined : `on ${listed(Resource)}`,
    NotResource === undefined ? undefined : `on all but ${listed(NotResource)}`,
    Principal === undefined ? undefined : `to ${JSON.stringify(Principal)}`,
    Condition === undefined ? undefined : `if ${JSON.stringify(Condition)}`,
  ];
  return parts.filter((part) => part !== undefined).join(" ");
}

const listed = (value: unknown): string => (Array.isArray(value) ? value.map(String).join(", ") : String(value));

const isRecord = (value: unknown): value is Inputs =>
  typeof value === "object" && value !== null && !Array.isArray(value);
