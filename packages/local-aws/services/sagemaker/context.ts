import { arn } from "../../core/account";
import type { Local } from "../../core/local";
import type { ObjectStore } from "./object-store";
import type { Store } from "./store";

/** What every operation of the local SageMaker works with. */
export interface Context {
  readonly local: Local;
  readonly objects: ObjectStore;
  readonly store: Store;
  /** Keeps hold of work that goes on after its operation has answered, so that closing can wait for it. */
  background(work: Promise<void>): void;
}

/** ARN of a resource of this account, such as `training-job/taxi`; SageMaker writes names in lower case there. */
export function sageMakerArn(context: Context, kind: string, name: string): string {
  return arn(context.local.account, "sagemaker", `${kind}/${name.toLowerCase()}`);
}
