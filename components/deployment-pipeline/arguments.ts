import type * as pulumi from "@pulumi/pulumi";
import { outlast } from "../../lib/pipeline-config";
import { problemsOfSettings, type RetrainSettings } from "../retrain-governor/arguments";
import { refuse, unknownKeys } from "../support/problems";
import type { StackConfigs } from "./builds";
import type { DeploymentPipelineTransforms } from "./nodes";
import type { BeforeApproval } from "./permissions/before-approval";
import type { PulumiState } from "./permissions/state";
import type { Repository } from "./sources";
import type { Schedule } from "./triggers";
import type { ExecutionMode } from "./v2-pipeline";

/** Arguments of `DeploymentPipeline`. */
export interface DeploymentPipelineArgs {
  /** Model name. Every part of the pipeline is named `mlops-<model>-pipeline…`. */
  readonly model: string;
  /** Bucket for the model's data, archives, baselines and captured traffic. */
  readonly bucket: pulumi.Input<string>;
  /** Key for the model's volumes, archives, captures and environments. @default - keys that AWS manages */
  readonly kmsKeyArn?: pulumi.Input<string>;
  /** Where the code is. A push to its branch starts the pipeline. */
  readonly repository: Repository;
  /** Where the state of the stacks is, and what encrypts the secrets in it. */
  readonly state: PulumiState;
  /** What happens to an execution that starts while another one runs. @default "QUEUED" */
  readonly executionMode?: ExecutionMode;
  /** When the pipeline starts by itself. @default - the first of each month at 12:00 UTC, turned off */
  readonly schedule?: Schedule;
  /** When alarms, the schedule or a person may start a retraining. `false`: no alarm starts one, and the schedule starts the pipeline whatever is going on. @default - see {@link RetrainSettings} */
  readonly retrain?: RetrainSettings | false;
  /** Address that is told of executions and asked for approvals. @default - nobody; others can subscribe to the topic */
  readonly notificationEmail?: string;
  /** Minutes after which an approval expires, 5 to 86400. @default 10080, seven days */
  readonly approvalTimeoutMinutes?: number;
  /** What a release may use that nobody has approved yet: instance types, seconds, the network. @default - see {@link BeforeApproval} */
  readonly beforeApproval?: BeforeApproval;
  /** Whether a second pipeline checks and previews pull requests. Only for a connected repository with its state in S3. @default false */
  readonly pullRequests?: boolean;
  /** Config values of `train`, `dev` and `prod`, over those of the repository's own files. No secrets. @default - none */
  readonly stackConfig?: StackConfigs;
  /** Shell command of the repository's checks, run once for each commit. @default "npm run check" */
  readonly checks?: string;
  /** Days that artifacts are kept, at least one more than an approval may take. @default 90 */
  readonly artifactDays?: number;
  /** @default - none */
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  /** What this program changes of the children. @default - nothing */
  readonly transform?: DeploymentPipelineTransforms;
}

/** @default of `artifactDays` */
export const ARTIFACT_DAYS = 90;
export const APPROVAL_TIMEOUT_MINUTES = 10_080;

/** @throws {pulumi.ResourceError} naming everything that is wrong. */
export function checkArguments(args: DeploymentPipelineArgs, on: pulumi.Resource): void {
  const { pullRequests = false, repository, state } = args;
  const { artifactDays = ARTIFACT_DAYS, approvalTimeoutMinutes = APPROVAL_TIMEOUT_MINUTES } = args;
  const problems = [
    ...unknownKeys(args, Object.keys(ARGUMENTS)),
    ...problemsOfSettings(args.retrain ?? {}, "retrain"),
    ...(pullRequests && repository.type !== "connection"
      ? ["pullRequests need a connected repository: CodePipeline does not support pull requests of CodeCommit"]
      : []),
    ...(pullRequests && state.accessTokenSecretArn !== undefined
      ? [
          "pullRequests need the state in S3: with a token of Pulumi Cloud, code that nobody has approved could change the state",
        ]
      : []),
    ...(outlast(artifactDays, approvalTimeoutMinutes)
      ? []
      : [
          "artifactDays must be at least a day more than approvalTimeoutMinutes, " +
            `got ${artifactDays} days and ${approvalTimeoutMinutes} minutes`,
        ]),
  ];
  refuse(problems, on);
}

/** Every argument; the compiler sees that none is missing. */
const ARGUMENTS: Readonly<Record<keyof Required<DeploymentPipelineArgs>, true>> = {
  model: true,
  bucket: true,
  kmsKeyArn: true,
  repository: true,
  state: true,
  executionMode: true,
  schedule: true,
  retrain: true,
  notificationEmail: true,
  approvalTimeoutMinutes: true,
  beforeApproval: true,
  pullRequests: true,
  stackConfig: true,
  checks: true,
  artifactDays: true,
  tags: true,
  transform: true,
};
