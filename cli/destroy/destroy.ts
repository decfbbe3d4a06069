import {
  CodePipelineClient,
  DisableStageTransitionCommand,
  EnableStageTransitionCommand,
  PipelineNotFoundException,
} from "@aws-sdk/client-codepipeline";
import { executionsOf, isOver } from "../pipeline/executions";
import { facts, type Answer } from "../support/answer";
import type { Context } from "../support/context";
import { counted } from "../support/numbers";
import type { Folder } from "../support/objects";
import { countVersions, empty } from "./folder";
import type { Inventory } from "./inventory";
import { leftOf } from "./left";
import { destroyStack, stacksThere, type StackThere } from "./stacks";

export interface DestroyOptions {
  readonly data?: boolean;
  readonly yes?: boolean;
}

/** Executions in which one may be under way. */
const RECENT = 20;
/** The stage that is closed meanwhile: code and data may come, and nothing is made of them. */
const CLOSED_STAGE = "Build";

/** What is to be removed. */
interface Plan {
  readonly stacks: readonly StackThere[];
  readonly folders: readonly (Folder & { readonly what: string; readonly versions: number })[];
}

/** `safe-deploy destroy` */
export async function destroy(context: Context, { data = false, yes = false }: DestroyOptions): Promise<Answer> {
  const { terminal, prefix, aws } = context;
  await requireIdle(context);
  const plan = await planOf(context, data);
  if (plan.stacks.length > 0 || plan.folders.length > 0) {
    const account = `account ${await context.accountId()}, ${await context.region()}`;
    const told = [`This removes for ever, from ${account}:`, ...planInWords(plan)];
    if (!(await terminal.agree(told, "Remove all of this?", yes))) {
      throw new Error("nothing was removed, since you did not agree");
    }
    await closePipeline(context);
    await removeStacks(context, plan.stacks);
    for (const folder of plan.folders) {
      const uri = uriOf(folder);
      await empty(aws, folder, (count) => terminal.show([{ text: `removing ${uri}`, detail: counted(count) }]));
      terminal.tell(`${uri}: removed`);
    }
  }
  const left = await leftOf(aws, prefix);
  return {
    json: { removed: { stacks: plan.stacks, folders: plan.folders }, left },
    lines: [
      ...(plan.stacks.length + plan.folders.length === 0
        ? ["There was nothing to remove."]
        : ["Removed:", ...planInWords(plan)]),
      "",
      ...leftInWords(left, prefix),
      "The state of Pulumi, connections to repositories, and jobs that have ended, which cost nothing, stay: docs/aws.md tells how to remove the first two.",
    ],
  };
}

/** @throws if a release is on its way: its stacks would be made again while they are removed */
async function requireIdle({ aws, pipelineName }: Context): Promise<void> {
  const executions = await executionsOf(aws, pipelineName, RECENT).catch(noPipeline);
  const going = executions?.find(({ status }) => !isOver(status));
  if (going !== undefined) {
    throw new Error(
      `release ${going.id} is under way: wait for its end (safe-deploy release watch ${going.id}), or end it ` +
        `(safe-deploy reject, aws codepipeline stop-pipeline-execution)`,
    );
  }
}

async function planOf(context: Context, withData: boolean): Promise<Plan> {
  const { terminal, prefix, aws } = context;
  const stacks = await stacksThere(context);
  const bucket = await context.bucket();
  const folders = [
    { bucket, prefix: `${prefix}/`, what: "archives, baselines, captured traffic, reports" },
    ...(withData ? [{ bucket, prefix: `${context.definition.dataPrefix}/`, what: "the data" }] : []),
  ];
  terminal.progress(`counting what is in ${bucket}`);
  const counts = await Promise.all(folders.map((folder) => countVersions(aws, folder)));
  const found = folders.map((folder, i) => ({ ...folder, versions: counts[i] ?? 0 }));
  return { stacks, folders: found.filter(({ versions }) => versions > 0) };
}

/**
 * So that nothing that comes meanwhile makes the stacks anew.
 *
 * @throws if a release has come while the question was answered
 */
async function closePipeline(context: Context): Promise<void> {
  const client = new CodePipelineClient(context.aws);
  const { pipelineName } = context;
  const transition = { pipelineName, stageName: CLOSED_STAGE, transitionType: "Inbound" } as const;
  await client.send(new DisableStageTransitionCommand({ ...transition, reason: "being removed" })).catch(noPipeline);
  try {
    await requireIdle(context);
  } catch (error) {
    await client.send(new EnableStageTransitionCommand(transition)).catch(noPipeline);
    throw error;
  }
}

/** @throws with what is left to do, if Pulumi cannot remove one */
async function removeStacks(context: Context, stacks: readonly StackThere[]): Promise<void> {
  for (const stack of stacks) {
    try {
      await destroyStack(context, stack);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(
        `stack ${stack.name} is not removed, nor is what comes after it. Call this again once that is mended: ${why}`,
        {
          cause: error,
        },
      );
    }
    context.terminal.tell(`stack ${stack.name}: removed`);
  }
}

function noPipeline(error: unknown): undefined {
  if (error instanceof PipelineNotFoundException) {
    return undefined;
  }
  throw error;
}

function planInWords({ stacks, folders }: Plan): string[] {
  return facts({
    ...Object.fromEntries(stacks.map(({ name, resources }) => [`  stack ${name}`, `${counted(resources)} resources`])),
    ...Object.fromEntries(
      folders.map((folder) => [
        `  ${uriOf(folder)}`,
        `${counted(folder.versions)} versions of objects: ${folder.what}`,
      ]),
    ),
  });
}

function leftInWords(left: Inventory, prefix: string): string[] {
  const kinds = Object.entries(left);
  return kinds.length === 0
    ? [`Nothing else is called ${prefix}.`]
    : [
        `Left, by names that begin with ${prefix}:`,
        ...facts(Object.fromEntries(kinds.map(([kind, names]) => [`  ${kind}`, names.join(", ")]))),
      ];
}

const uriOf = ({ bucket, prefix }: Folder) => `s3://${bucket}/${prefix}`;
