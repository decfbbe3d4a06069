import type { Inputs, PlannedStep } from "./steps";

/**
 * The permissions that would be added and removed, one line each. If a release's role replaces that of the release before, with the same
 * rights over its own release's resources, that is no change.
 */
export function iamChanges(steps: readonly PlannedStep[], release: string): string[] {
  const ids = [release, ...releaseBefore(steps, release)];
  const neutral = (line: string) => ids.reduce((text, id) => text.replaceAll(id, "<release>"), line);
  const grants = steps.filter(({ type }) => type.startsWith("aws:iam/") || type === "aws:lambda/permission:Permission");
  const [open, known] = [grants.filter(isOpen), grants.filter((step) => !isOpen(step))];
  const of = (which: "before" | "after") => (step: PlannedStep) =>
    [...statements(step[which]).map(inWords), ...otherGrants(step[which])].map((words) => `${step.name}: ${words}`);
  const [olds, news] = [known.flatMap(of("before")), known.flatMap(of("after"))];
  const notIn = (others: readonly string[]) => {
    const there = new Set(others.map(neutral));
    return (line: string) => !there.has(neutral(line));
  };
  return [
    ...olds.filter(notIn(news)).map((line) => `- ${line}`),
    ...news.filter(notIn(olds)).map((line) => `+ ${line}`),
    ...open.map(({ name }) => `~ ${name}: names what is there only once it is deployed`),
  ];
}

/** The release whose resources would be deleted while this release's are created, found by their names. */
function releaseBefore(steps: readonly PlannedStep[], release: string): string[] {
  const created = steps.filter(({ change, name }) => change === "create" && name.includes(release));
  for (const { type, name } of created) {
    const [prefix = "", suffix = ""] = name.split(release);
    const gone = steps.find(
      (step) =>
        step.change === "delete" && step.type === type && step.name.startsWith(prefix) && step.name.endsWith(suffix),
    );
    if (gone !== undefined) {
      return [gone.name.slice(prefix.length, gone.name.length - suffix.length)];
    }
  }
  return [];
}

/** Whether a step's permissions name something that the same deployment creates, so that no preview can know it. */
function isOpen({ after }: PlannedStep): boolean {
  const document = documentOf(after);
  return typeof document === "string" && parsed(document) === undefined;
}

/** The statements of a policy or of a role's trust policy. */
function statements(inputs: Inputs | undefined): readonly Inputs[] {
  const document = documentOf(inputs);
  const policy = typeof document === "string" ? parsed(document) : document;
  const list: unknown = isRecord(policy) ? policy.Statement : undefined;
  return (Array.isArray(list) ? list : [list]).filter(isRecord);
}

/** Permissions and limits outside of the resource's own policy document. */
function otherGrants(inputs: Inputs = {}): string[] {
  const { policyArn, managedPolicyArns = [], inlinePolicies = [], permissionsBoundary } = inputs;
  const { principal, action, sourceArn } = inputs;
  const attached = [policyArn, managedPolicyArns].flat().filter((arn) => typeof arn === "string");
  return [
    ...attached.map((arn) => `all that policy ${arn} allows`),
    ...[inlinePolicies].flat().map((policy) => `inline policy ${JSON.stringify(policy)}`),
    ...(typeof permissionsBoundary === "string" ? [`only within boundary ${permissionsBoundary}`] : []),
    ...(typeof principal === "string"
      ? [`Allow ${listed(action)} to ${principal}${typeof sourceArn === "string" ? ` for ${sourceArn}` : ""}`]
      : []),
  ];
}

const documentOf = (inputs: Inputs | undefined): unknown => inputs?.policy ?? inputs?.assumeRolePolicy;

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
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
