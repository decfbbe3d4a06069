import type { Stack, UpdateSummary } from "@pulumi/pulumi/automation";
import { z } from "zod";
import { PROJECT } from "./stack-config";

const ROLLOUT = "pulumi-nodejs:dynamic/sagemaker-safe-deploy:LambdaRollout";
const PAGE = 10;

const resource = z.looseObject({
  type: z.string(),
  outputs: z.looseObject({ liveRelease: z.string().optional() }).optional(),
});
/** The used parts of the output of `pulumi stack export`. */
const exported = z.looseObject({
  deployment: z.looseObject({ resources: z.array(resource).optional() }).nullish(),
});

/** The serving release, as the rollout's outputs in the state of stack `prod` say; `undefined` before the first one. */
export async function liveRelease(prod: Stack): Promise<string | undefined> {
  const { deployment } = exported.parse(await prod.exportStack());
  const resources = deployment?.resources ?? [];
  return resources.find(({ type }) => type === ROLLOUT)?.outputs?.liveRelease;
}

/** Where the release that stack `train` has trained has its archive. @throws Error if its outputs do not say */
export async function trainedArchiveUri(train: Stack): Promise<string> {
  return z.string().parse((await train.outputs()).modelDataUrl?.value, {
    error: () => "the outputs of stack train have no modelDataUrl",
  });
}

/** Where that release has `statistics.json` and `constraints.json`. @throws Error if the outputs do not say */
export async function trainedBaselineUris(train: Stack): Promise<string[]> {
  const { statisticsUri, constraintsUri } = await train.outputs();
  return z.array(z.string()).parse([statisticsUri?.value, constraintsUri?.value], {
    error: () => "the outputs of stack train have no statisticsUri and constraintsUri",
  });
}

/** The config of an update. */
export interface KeptConfig {
  readonly plain: Readonly<Record<string, string>>;
  /** Values that were encrypted in the stack's file, here in the clear. */
  readonly secret: Readonly<Record<string, string>>;
}

/** The config of the last successful update with a release; `undefined` if the history has none. */
export async function configOf(stack: Stack, release: string): Promise<KeptConfig | undefined> {
  for (let page = 1; ; page++) {
    const updates = await stack.history(PAGE, page);
    const found = updates.find((update) => isOf(update, release));
    if (found !== undefined) {
      return { plain: valuesOf(found, false), secret: valuesOf(found, true) };
    }
    if (updates.length < PAGE) {
      return undefined;
    }
  }
}

function valuesOf({ config }: UpdateSummary, secret: boolean): Record<string, string> {
  const wanted = Object.entries(config).filter(([, value]) => (value.secret ?? false) === secret);
  return Object.fromEntries(wanted.map(([key, { value }]) => [key, value]));
}

function isOf({ kind, result, config }: UpdateSummary, release: string): boolean {
  return kind === "update" && result === "succeeded" && config[`${PROJECT}:release`]?.value === release;
}
