import { arn } from "../../core/account";
import type { Background } from "../../core/background";
import type { Local } from "../../core/local";
import type { Store } from "./store";

/** What every operation of the local SageMaker works with. */
export interface Context {
  readonly local: Local;
  readonly store: Store;
  /** Jobs and deployments, which closing waits for. */
  readonly background: Background;
}

/** ARN of a resource of this account, such as `training-job/taxi`; SageMaker writes names in lower case there. */
export function sageMakerArn(context: Context, kind: string, name: string): string {
  return arn(context.local.account, "sagemaker", `${kind}/${name.toLowerCase()}`);
}
