import { readdirSync } from "node:fs";
import { z } from "zod";
import { KINDS, kindOf, type Kind } from "../../lib/stack-name";
import type { Context } from "../support/context";
import { PulumiStack } from "../support/pulumi";

/** A stack that Pulumi's state knows. */
export interface StackThere {
  readonly name: string;
  readonly kind: Kind;
  /** How many resources it has, its components not counted. */
  readonly resources: number;
}

/** What needs what others make goes first: production serves what train has made, and the pipeline has the boundaries of all. */
const ORDER: readonly Kind[] = ["prod", "dev", "train", "pipeline"];

const stateSchema = z.object({
  deployment: z.object({ resources: z.array(z.object({ custom: z.boolean().optional() })).nullish() }).nullish(),
});

/** The project's stacks that have been made and are not destroyed, in the order in which they can be. */
export async function stacksThere(context: Context): Promise<StackThere[]> {
  const { terminal } = context;
  const found: StackThere[] = [];
  for (const { name, kind } of stacksOf(context)) {
    terminal.progress(`looking for stack ${name}`);
    const resources = await resourcesOf(context, name);
    if (resources !== undefined && resources > 0) {
      found.push({ name, kind, resources });
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

/** `undefined` if the state knows no such stack. */
async function resourcesOf(context: Context, name: string): Promise<number | undefined> {
  const exported = await PulumiStack.use(context, name, (stack) => stack.run(["stack", "export"])).catch(
    (error: unknown) => {
      if (error instanceof Error && /no stack named '[^']*' found/.test(error.message)) {
        return undefined;
      }
      throw error;
    },
  );
  if (exported === undefined) {
    return undefined;
  }
  const { deployment } = stateSchema.parse(JSON.parse(exported));
  return (deployment?.resources ?? []).filter(({ custom }) => custom === true).length;
}
