import type { ProcessingInstanceType } from "@aws-sdk/client-sagemaker";
import * as z from "zod/mini";
import { jsonSetting } from "./settings";

export const text = () => z.string().check(z.minLength(1));
/** The SDK's list is always older than SageMaker's newest types. SageMaker refuses unknown ones. */
const instanceType = z.custom<ProcessingInstanceType>((type) => typeof type === "string" && type.startsWith("ml."));

/** What the function of every monitor must be told. */
export const monitorRules = {
  /** The function that answers, and its alias, whose routing says which releases have traffic. */
  functionName: text(),
  aliasName: text(),
  /** What metrics are put under, and what the names of jobs begin with. */
  schedule: text(),
  region: text(),
  /** Folder of the program and its settings. */
  codeUri: text(),
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
};

export type MonitorSettings = z.output<z.ZodMiniObject<typeof monitorRules>>;

/** What a monitor's function is told by one variable. @throws an error that names the variable */
export function monitorSettings<T extends z.ZodMiniType>(variable: string, rules: T): z.output<T> {
  const settings = jsonSetting(variable, rules);
  if (settings === undefined) {
    throw new Error(`the function's environment has no ${variable}`);
  }
  return settings;
}
