/**
 * What Synthetics' operations take and answer, as far as it is played here. The schema that holds a request to AWS's shape, and that puts the
 * answers on the wire, is AWS's service model.
 */

export interface CodeInput {
  readonly S3Bucket?: string;
  readonly S3Key?: string;
  readonly ZipFile?: Uint8Array;
  readonly Handler?: string;
}

export interface ScheduleInput {
  readonly Expression: string;
  readonly DurationInSeconds?: number;
  readonly RetryConfig?: { readonly MaxRetries: number };
}

export interface RunConfigInput {
  readonly TimeoutInSeconds?: number;
  readonly MemoryInMB?: number;
  readonly ActiveTracing?: boolean;
  readonly EnvironmentVariables?: Readonly<Record<string, string>>;
}

/** What a canary is told to be. An update may leave out anything. */
export interface CanaryInput {
  readonly Code?: CodeInput;
  readonly ArtifactS3Location?: string;
  readonly ExecutionRoleArn?: string;
  readonly Schedule?: ScheduleInput;
  readonly RunConfig?: RunConfigInput;
  readonly RuntimeVersion?: string;
  readonly SuccessRetentionPeriodInDays?: number;
  readonly FailureRetentionPeriodInDays?: number;
  readonly ProvisionedResourceCleanup?: "AUTOMATIC" | "OFF";
}

export interface Named {
  readonly Name: string;
}

export type CreateCanaryInput = Named &
  Required<Pick<CanaryInput, "Code" | "ArtifactS3Location" | "ExecutionRoleArn" | "Schedule" | "RuntimeVersion">> &
  CanaryInput & { readonly Tags?: Readonly<Record<string, string>> };

export interface PageInput {
  readonly NextToken?: string;
  readonly MaxResults?: number;
}

export type CanaryState =
  "CREATING" | "READY" | "STARTING" | "RUNNING" | "UPDATING" | "STOPPING" | "STOPPED" | "ERROR" | "DELETING";
