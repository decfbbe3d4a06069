import { readdirSync } from "node:fs";
import { KINDS, kindOf, type Kind } from "../../lib/stack-name";
import type { Context } from "../support/context";
import { PulumiStack } from "../support/pulumi";
import { requireOwn, stateOf } from "../support/stack-state";

/** A stack that Pulumi's state knows. */
export interface StackThere {
  readonly name: string;
  readonly kind: Kind;
  /** How many resources it has, its components not counted. */
  readonly resources: number;
}

/** What needs what others make goes first: production serves what train has made, and the pipeline has the boundaries of all. */
const ORDER: readonly Kind[] = ["prod", "dev", "train", "pipeline"];

/**
 * The project's stacks that have been made and are not destroyed, in the order in which they can be.
 *
 * @throws if one is of another model, account or region
 */
export async function stacksThere(context: Context): Promise<StackThere[]> {
  const { terminal } = context;
  const found: StackThere[] = [];
  for (const { name, kind } of stacksOf(context)) {
    terminal.progress(`looking for stack ${name}`);
    const state = await stateOf(context, name);
    if (state !== undefined && state.resources > 0) {
      await requireOwn(context, name, state);
      found.push({ name, kind, resources: state.resources });
    }
  }
  return found;
}

/** `pulumi destroy`, which needs nothing but the state. */
export async function destroyStack(context: Context, { name }: StackThere): Promise<void> {
  const { terminal } = context;
  await PulumiStack.use(context, name, (stack) =>
    stack.run(["destroy", "--yes", "--skip-preview"], (line) => terminal.progress(`${name}: ${line.trim()}`)),
  );
}

/** The stacks that are called as their kind, and those that a file of the project's folder configures. */
function stacksOf({ project }: Context): { readonly name: string; readonly kind: Kind }[] {
  const configured = readdirSync(project.folder).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
  const names = [...new Set([...KINDS, ...configured])];
  return names
    .map((name) => ({ name, kind: kindOf(name, project.value(name, "kind")) }))
    .sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}
