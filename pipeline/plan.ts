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

/** Names of the inputs that would be set to something else than was planned. */
function differing(before: ResourcePlan | undefined, now: ResourcePlan): string[] {
  const [olds, news] = [inputsOf(before), inputsOf(now)];
  return [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter((name) => !fits(olds[name], news[name]));
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

/** What the engine writes in place of a value that is known only once other resources are there. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** The end of a name that the engine gives, which each preview makes anew. */
const RANDOM_END = /-[0-9a-f]{7}\b/g;

/** Whether a value is the one that was planned: what was not known then may be anything, and secrets are left to the engine. */
function fits(planned: unknown, now: unknown): boolean {
  if (planned === UNKNOWN) {
    return true;
  }
  if (typeof planned === "string" && typeof now === "string") {
    return planned.replaceAll(RANDOM_END, "") === now.replaceAll(RANDOM_END, "");
  }
  if (!isObject(planned) || !isObject(now) || Array.isArray(planned) !== Array.isArray(now)) {
    return planned === now;
  }
  // The same secret is another cipher each time, and a file with the same hash lies in another folder in each build.
  const other = ["ciphertext", ...("hash" in planned && "hash" in now ? ["path"] : [])];
  const names = [...new Set([...Object.keys(planned), ...Object.keys(now)])].filter((name) => !other.includes(name));
  return names.every((name) => fits(planned[name], now[name]));
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
