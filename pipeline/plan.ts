import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { fits } from "./plan-values";

/** What the engine would do to a resource, in the engine's words. */
const resourcePlan = z.looseObject({
  goal: z.looseObject({ inputDiff: z.looseObject({}).nullish() }).nullish(),
  steps: z.array(z.string()).nullish(),
});
const plan = z.looseObject({ resourcePlans: z.record(z.string(), resourcePlan).nullish() });

type ResourcePlan = z.infer<typeof resourcePlan>;
/** What `pulumi preview --save-plan` writes, by the resource's URN. */
export type Plan = Readonly<Record<string, ResourcePlan>>;

/** @param json the file's content */
export function parsePlan(json: string): Plan {
  return plan.parse(JSON.parse(json)).resourcePlans ?? {};
}

/**
 * The operations that the engine accepts for a planned one, and `import` of what a killed update has created.
 * https://github.com/pulumi/pulumi/blob/v3.255.0/pkg/resource/deploy/step.go (`ConstrainedTo`)
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  create: ["same", "create", "import"],
  update: ["same", "update"],
  replace: ["same", "update", "replace"],
  "create-replacement": ["same", "update", "create-replacement"],
  "delete-replaced": ["same", "update", "delete-replaced"],
};

/**
 * Inputs that nobody knows at the preview, which is made before the training, by the type of the resource. The preview says nothing of them;
 * what they are to be is told with the approval.
 */
const TOLD_LATER: Readonly<Record<string, readonly string[]>> = {
  "pulumi-nodejs:dynamic/sagemaker-safe-deploy:ModelArchiveCopy": ["approvedSha256"],
  "pulumi-nodejs:dynamic/sagemaker-safe-deploy:BaselineFileCopy": ["approvedSha256"],
};

/** The provider of the dynamic resources. Its inputs are the stack's whole config; the resources themselves show what a change of that does. */
const DYNAMIC_PROVIDER = "::pulumi:providers:pulumi-nodejs::";

/**
 * What would be done now and was not previewed, one line each; empty if the plan still holds. The engine checks a plan too, but only when
 * it comes to each resource, after others have been changed.
 *
 * A release replaces the one before it, whichever that is by now. Executions wait for each other, and the one ahead may have been deployed
 * since the preview.
 *
 * @param release that is to be deployed
 */
export function exceeds(previewed: Plan, now: Plan, release: string): string[] {
  const placeOf = places([previewed, now], release);
  const before = new Map<string, ResourcePlan[]>();
  for (const [urn, resource] of Object.entries(previewed).filter(([key]) => !key.includes(release))) {
    before.set(placeOf(urn), [...(before.get(placeOf(urn)) ?? []), resource]);
  }
  const resources = Object.entries(now).filter(([urn]) => !urn.includes(DYNAMIC_PROVIDER));
  return resources.flatMap(([urn, resource]) => {
    const planned = previewed[urn];
    const candidates = planned === undefined ? (before.get(placeOf(urn)) ?? [undefined]) : [planned];
    const excesses = candidates.map((candidate) => excess(candidate, toldBefore(urn, resource), urn.includes(release)));
    const [first] = excesses;
    return first === undefined || excesses.includes(undefined) ? [] : [`${label(urn)}: ${first}`];
  });
}

/** What would be done, without the inputs of which no preview can know. */
function toldBefore(urn: string, resource: ResourcePlan): ResourcePlan {
  const later = TOLD_LATER[urn.split("::").at(-2)?.split("$").at(-1) ?? ""];
  const { goal } = resource;
  const { adds, ...diff } = diffs.parse(goal?.inputDiff ?? {});
  if (later === undefined || !adds) {
    return resource;
  }
  const kept = Object.entries(adds).filter(([name]) => !later.includes(name));
  return { ...resource, goal: { ...goal, inputDiff: { ...diff, adds: Object.fromEntries(kept) } } };
}

const label = (urn: string) => `${urn.split("::").at(-2)?.split(":").at(-1) ?? ""} ${urn.split("::").at(-1) ?? urn}`;

/**
 * The place of a resource in its release: its URN without the release's id. Every resource of a release has the id in its name, at the same
 * position in all releases.
 */
function places(plans: readonly Plan[], release: string): (urn: string) => string {
  const own = [...new Set(plans.flatMap((one) => Object.keys(one)))].filter((urn) => urn.includes(release));
  const frames = own.map((urn) => {
    const at = urn.lastIndexOf(release);
    return [urn.slice(0, at), urn.slice(at + release.length)] as const;
  });
  return (urn) => {
    const frame = frames.find(
      ([start, end]) => urn.length > start.length + end.length && urn.startsWith(start) && urn.endsWith(end),
    );
    return frame === undefined ? urn : frame.join("<release>");
  };
}

/** What would be done beyond the plan; `undefined` if nothing. @param isOwn whether the resource is the release's own */
function excess(planned: ResourcePlan | undefined, now: ResourcePlan, isOwn: boolean): string | undefined {
  const steps = changes(now);
  const beyond = (now.steps ?? []).filter((step, index) => {
    const before = planned?.steps?.[index];
    // The engine updates a resource that an earlier attempt has created and then waited for in vain.
    const finishes = isOwn && before === "create" && step === "update";
    return step !== "same" && !finishes && !allowedFor(before).includes(step);
  });
  if (beyond.length > 0) {
    return `${beyond.join(", ")}; previewed was ${changes(planned).join(", ") || "no change"}`;
  }
  const differ = steps.length > 0 ? differing(planned, now, isDeepStrictEqual(steps, changes(planned))) : [];
  return differ.length > 0 ? `${steps.join(", ")} with another ${differ.join(", ")}` : undefined;
}

const allowedFor = (step: string | undefined): readonly string[] =>
  step === undefined ? [] : (ALLOWED[step] ?? [step]);
const changes = (resource: ResourcePlan | undefined) => (resource?.steps ?? []).filter((step) => step !== "same");

/** Names of the inputs that would get other values than planned. If less is done, fewer may be set. */
function differing(before: ResourcePlan | undefined, now: ResourcePlan, isTheSame: boolean): string[] {
  const [olds, news] = [inputsOf(before), inputsOf(now)];
  const names = new Set([...(isTheSame ? Object.keys(olds) : []), ...Object.keys(news)]);
  return [...names].filter((name) => !fits(olds[name], news[name]));
}

const diffs = z.looseObject({
  adds: z.record(z.string(), z.unknown()).nullish(),
  updates: z.record(z.string(), z.unknown()).nullish(),
  deletes: z.array(z.string()).nullish(),
});

function inputsOf(resource: ResourcePlan | undefined): Record<string, unknown> {
  const { adds, updates, deletes } = diffs.parse(resource?.goal?.inputDiff ?? {});
  return { ...adds, ...updates, ...Object.fromEntries((deletes ?? []).map((name) => [name, "(deleted)"])) };
}
