import { z } from "zod";
import type { Context } from "./context";
import { PulumiStack } from "./pulumi";

/** What Pulumi's state knows of a stack. */
export interface StackState {
  /** How many resources it has, its components not counted. */
  readonly resources: number;
  readonly arns: readonly string[];
}

const stateSchema = z.object({
  deployment: z
    .object({
      resources: z
        .array(
          z.object({
            custom: z.boolean().optional(),
            outputs: z.looseObject({ arn: z.unknown() }).partial().optional(),
          }),
        )
        .nullish(),
    })
    .nullish(),
});

/** `undefined` if the state knows no such stack. */
export async function stateOf(context: Context, name: string): Promise<StackState | undefined> {
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
  const all = stateSchema.parse(JSON.parse(exported)).deployment?.resources ?? [];
  const custom = all.filter((one) => one.custom === true);
  const arns = custom.map(({ outputs }) => outputs?.arn).filter((arn) => typeof arn === "string");
  return { resources: custom.length, arns };
}

/**
 * Checks that a stack is of the model, the account and the region that a command is about: the stack is found by the project's folder, and
 * these by options and by the environment.
 *
 * @throws if its resources are of others
 */
export async function requireOwn(context: Context, name: string, { arns }: StackState): Promise<void> {
  const [region, account] = await Promise.all([context.region(), context.accountId()]);
  const parts = arns.map((arn) => arn.split(":"));
  const wrong = [
    ...othersIn("model", arns.map(modelIn), context.model),
    ...othersIn(
      "region",
      parts.map(([, , , one]) => one),
      region,
    ),
    ...othersIn(
      "account",
      parts.map(([, , , , one]) => /^\d{12}$/.exec(one ?? "")?.[0]),
      account,
    ),
  ];
  if (wrong.length > 0) {
    throw new Error(
      `stack ${name} of the project in ${context.project.folder} is not the one that is meant. Look at --project, --model, --region and ` +
        `--profile:\n${wrong.map((line) => `  ${line}`).join("\n")}`,
    );
  }
}

/** The roles of a model's stacks lie below a path of its own. */
const modelIn = (arn: string) => /:role\/mlops-([^/]+)\//.exec(arn)?.[1];

function othersIn(what: string, found: readonly (string | undefined)[], meant: string): string[] {
  const others = [...new Set(found)].filter((one) => one !== undefined && one !== "" && one !== meant);
  return others.map((other) => `it has resources of ${what} ${other}, and ${what} ${meant} is meant`);
}
