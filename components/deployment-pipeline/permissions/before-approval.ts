import { USUAL_JOB_SECONDS } from "../../../lib/build-times";
import type { Statement } from "../../service-role";

/** Limits for what a release uses before somebody has approved it. IAM limits neither how many instances nor how many jobs. */
export interface BeforeApproval {
  /** Instance types of jobs and endpoints; `*` stands for any characters. @default - up to `2xlarge`, in most families 8 vCPUs */
  readonly instanceTypes?: readonly string[];
  /** Seconds that a job may run, at most 124200. The build that waits for it may take an hour and a half longer. @default 14400 */
  readonly maxRuntimeSeconds?: number;
  /** Whether jobs may reach the network. If not, their containers have no credentials either. @default false */
  readonly networkAccess?: boolean;
}

type Condition = NonNullable<Statement["Condition"]>;

const INSTANCE_TYPES = ["medium", "large", "xlarge", "2xlarge"].map((size) => `ml.*.${size}`);

/** A call that names no instance type does not pass, although `ForAllValues` alone would let it. */
export function limitsOfInstances({ instanceTypes = INSTANCE_TYPES }: BeforeApproval): Condition {
  return {
    "ForAllValues:StringLike": { "sagemaker:InstanceTypes": instanceTypes },
    Null: { "sagemaker:InstanceTypes": "false" },
  };
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html */
export function limitsOfJobs(limits: BeforeApproval): Condition {
  const { maxRuntimeSeconds = USUAL_JOB_SECONDS, networkAccess = false } = limits;
  return {
    ...limitsOfInstances(limits),
    NumericLessThanEquals: { "sagemaker:MaxRuntimeInSeconds": String(maxRuntimeSeconds) },
    ...(networkAccess ? {} : { Bool: { "sagemaker:NetworkIsolation": "true" } }),
  };
}
