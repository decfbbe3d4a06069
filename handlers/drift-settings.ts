import type { ProcessingInstanceType } from "@aws-sdk/client-sagemaker";
import * as z from "zod/mini";
import { DRIFT_SETTINGS } from "../lib/monitoring-names";
import { jsonSetting } from "./settings";

const text = () => z.string().check(z.minLength(1));
/** The SDK's list is always older than SageMaker's newest types. SageMaker refuses unknown ones. */
const instanceType = z.custom<ProcessingInstanceType>((type) => typeof type === "string" && type.startsWith("ml."));

const rules = z.object({
  /** The function that answers, and its alias, whose routing says which releases have traffic. */
  functionName: text(),
  aliasName: text(),
  /** What metrics are put under, and what the names of jobs begin with. */
  schedule: text(),
  region: text(),
  windowSeconds: z.number().check(z.positive()),
  /** Folder of `drift.py` and its settings. */
  codeUri: text(),
  /** Folder of a release's baseline, with `{release}` in the place of its id. */
  baselineUri: text(),
  capturesUri: text(),
  reportsUri: text(),
  image: text(),
  jobRoleArn: text(),
  instanceType,
  volumeSizeInGB: z.number(),
  maxRuntimeSeconds: z.number(),
  kmsKeyArn: z.optional(text()),
  volumeKmsKeyArn: z.optional(text()),
  vpc: z.optional(z.object({ subnetIds: z.array(text()), securityGroupIds: z.array(text()) })),
  tags: z.optional(z.record(z.string(), z.string())),
});

/** What the starter of drift jobs needs to know, which it is told by one variable. */
export type DriftSettings = z.output<typeof rules>;

/** @throws an error that names the variable */
export function driftSettings(): DriftSettings {
  const settings = jsonSetting(DRIFT_SETTINGS, rules);
  if (settings === undefined) {
    throw new Error(`the function's environment has no ${DRIFT_SETTINGS}`);
  }
  return settings;
}
