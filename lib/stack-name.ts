/** What a stack's name says: its kind, and the part of names that tells its resources from those of other stacks. */
import { nearest } from "./nearest";

/** The kinds of stacks of this project. */
export const KINDS = ["train", "dev", "prod", "pipeline"] as const;
export type Kind = (typeof KINDS)[number];

/** How names and tags spell stack `prod`. The spelling is that of the original sample. */
const PROD = "prd";

/**
 * The part of names and tags that stands for a stack: `prd` for `prod`, and else its name without hyphens, such as `prodeu`. A hyphen would
 * make release `2-r1` of stack `dev` and release `r1` of stack `dev-2` the same.
 */
export function stackPart(stack: string): string {
  return stack === "prod" ? PROD : stack.replaceAll("-", "");
}

/**
 * What kind of stack this is: what its config `kind` says, or its name.
 *
 * @throws {Error} if neither says it, with what to do
 */
export function kindOf(stack: string, kind: string | undefined): Kind {
  const named = kind ?? stack;
  const found = KINDS.find((one) => one === named);
  if (found !== undefined) {
    return found;
  }
  const all = KINDS.join(", ");
  if (kind === undefined) {
    throw new Error(
      `nothing says what stack "${stack}" is: tell its kind (${all}) with: pulumi config set kind <kind> --stack ${stack}`,
    );
  }
  const meant = nearest(kind, KINDS);
  const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
  throw new Error(`the kind of stack "${stack}" must be one of ${all}, got "${kind}"${hint}`);
}

/** Most characters of model and stack together: `mlops-<model>-<stack>-<release of 36>` must fit into SageMaker's 63. */
const MOST_CHARACTERS = 19;
/** What names have in a stack's place already: the stacks that are called as their kind, and baseline jobs. */
const TAKEN = ["train", "dev", PROD, "pbl"];

/** Everything that is wrong with a stack's name for a model; nothing is with one that is called as its kind. */
export function stackNameProblems(stack: string, model: string): string[] {
  if (KINDS.some((one) => one === stack)) {
    return [];
  }
  const part = stackPart(stack);
  const together = model.length + part.length;
  return [
    ...(/^[a-z0-9](-*[a-z0-9])*$/.test(stack)
      ? []
      : [`must be lower-case letters, digits and inner hyphens, such as prod-eu, got "${stack}"`]),
    ...(TAKEN.includes(part) ? [`must not be "${stack}", since names have "${part}" for something else`] : []),
    ...(together > MOST_CHARACTERS
      ? [
          `must have at most ${MOST_CHARACTERS - model.length} characters without hyphens, so that ` +
            `mlops-${model}-${part}-<release> fits into SageMaker's 63, got "${stack}"`,
        ]
      : []),
  ];
}
