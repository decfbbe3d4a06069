import { isDeepStrictEqual } from "node:util";
import { z } from "zod";

/** What the engine would do to a resource, in its words. */
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
 * What the engine takes for no more than what was planned.
 * https://github.com/pulumi/pulumi/blob/v3.259.0/pkg/resource/deploy/step.go (`ConstrainedTo`)
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  create: ["same", "create"],
  update: ["same", "update"],
  replace: ["same", "update", "replace"],
  "create-replacement": ["same", "update", "create-replacement"],
  "delete-replaced": ["same", "update", "delete-replaced"],
};

/**
 * What would be done now and was not previewed, one line each; empty where the plan still holds. The engine heeds a plan too, but only as
 * it comes to each resource, when others have been changed already.
 */
export function exceeds(previewed: Plan, now: Plan): string[] {
  return Object.entries(now).flatMap(([urn, resource]) => {
    const before = previewed[urn];
    const label = `${urn.split("::").at(-2)?.split(":").at(-1) ?? ""} ${urn.split("::").at(-1) ?? urn}`;
    const steps = changes(resource);
    const beyond = (resource.steps ?? []).filter(
      (step, index) => step !== "same" && !allowedFor(before?.steps?.[index]).includes(step),
    );
    if (beyond.length > 0) {
      return [`${label}: ${beyond.join(", ")}; previewed was ${changes(before).join(", ") || "no change"}`];
    }
    const differ = steps.length > 0 && isDeepStrictEqual(steps, changes(before)) ? differing(before, resource) : [];
    return differ.length > 0 ? [`${label}: ${steps.join(", ")} with another ${differ.join(", ")}`] : [];
  });
}

const allowedFor = (step: string | undefined): readonly string[] =>
  step === undefined ? [] : (ALLOWED[step] ?? [step]);
const changes = (resource: ResourcePlan | undefined) => (resource?.steps ?? []).filter((step) => step !== "same");

/** Names of the inputs that would be set to something else; secrets, whose ciphers differ each time, are left to the engine. */
function differing(before: ResourcePlan | undefined, now: ResourcePlan): string[] {
  const [olds, news] = [inputsOf(before), inputsOf(now)];
  return [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter(
    (name) => !isDeepStrictEqual(comparable(olds[name]), comparable(news[name])),
  );
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

/** A value without what each preview makes anew: ciphers of secrets, and the random end of names that the engine gives. */
function comparable(value: unknown): unknown {
  if (typeof value === "string") {
    return value.replaceAll(RANDOM_END, "-(random)");
  }
  if (Array.isArray(value)) {
    return value.map(comparable);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const entries = Object.entries(value).filter(([key]) => key !== "ciphertext");
  return Object.fromEntries(entries.map(([key, item]) => [key, comparable(item)]));
}

const RANDOM_END = /-[0-9a-f]{7}\b/g;
