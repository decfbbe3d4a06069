/**
 * The steps of a preview, as `pulumi preview --json` prints them.
 */
import { z } from "zod";

const state = z.looseObject({
  type: z.string(),
  inputs: z.record(z.string(), z.unknown()).default({}),
});

/** One step of `pulumi preview --json`. */
const step = z.looseObject({
  op: z.string(),
  urn: z.string(),
  oldState: state.optional(),
  newState: state.optional(),
  replaceReasons: z.array(z.string()).nullish(),
});

/** The used parts of the output of `pulumi preview --json`. */
const preview = z.looseObject({ steps: z.array(step).default([]) });

/** What a preview would do to one resource. */
export interface PlannedStep {
  readonly change: Change;
  /** Pulumi's type token, such as `aws:iam/role:Role`. */
  readonly type: string;
  /** Logical name. */
  readonly name: string;
  readonly urn: string;
  /** Inputs before and after; absent if there is no resource before or after. */
  readonly before: Inputs | undefined;
  readonly after: Inputs | undefined;
  /** Properties that cause a replacement. */
  readonly replaceReasons: readonly string[];
}

export type Change = "create" | "update" | "replace" | "delete";
export type Inputs = Readonly<Record<string, unknown>>;

/** The engine's operations and their meaning here. All others change nothing: `same`, `read`, the halves of a replacement. */
const CHANGES: Readonly<Record<string, Change>> = {
  create: "create",
  import: "create",
  update: "update",
  replace: "replace",
  delete: "delete",
};

/**
 * The steps of a preview that change something, without the components themselves, which are no resources of AWS.
 *
 * @param json What `pulumi preview --json` printed.
 */
export function plannedSteps(json: string): PlannedStep[] {
  return preview.parse(JSON.parse(json)).steps.flatMap(({ op, urn, oldState, newState, replaceReasons }) => {
    const change = CHANGES[op];
    const type = newState?.type ?? oldState?.type ?? "";
    if (change === undefined || isComponent(type)) {
      return [];
    }
    const name = urn.split("::").at(-1) ?? urn;
    const [before, after] = [oldState?.inputs, change === "delete" ? undefined : newState?.inputs];
    return [{ change, type, name, urn, before, after, replaceReasons: replaceReasons ?? [] }];
  });
}

/** Whether resources of this type exist only in this project and not in AWS. */
export function isComponent(type: string): boolean {
  return (
    type.startsWith("sagemaker-safe-deploy:") || type === "pulumi:pulumi:Stack" || type.startsWith("pulumi:providers:")
  );
}
