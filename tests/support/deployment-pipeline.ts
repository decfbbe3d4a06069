import { DeploymentPipeline, type DeploymentPipelineArgs } from "../../components/deployment-pipeline";
import { record, type Recording } from "./recorder";

export const CONNECTION = "arn:aws:codeconnections:us-east-1:123456789012:connection/c-1";
export const STATE_KEY = "arn:aws:kms:us-east-1:123456789012:key/state";
export const MODEL_KEY = "arn:aws:kms:us-east-1:123456789012:key/model";
export const AT = "us-east-1:123456789012";
export const BUCKET = "pipeline-artifacts-id";
export const CANARY_BUCKET = "made-bucket";
export const BUCKET_ARN = `arn:aws:test:${AT}:pipeline-artifacts`;
export const TOPIC = `arn:aws:test:${AT}:pipeline-notifications`;
export const KEY = `arn:aws:test:${AT}:pipeline-key`;
/** ARN of the boundary of a stack's roles. */
export const boundaryOf = (stack: string) => `arn:aws:test:${AT}:pipeline-${stack}-boundary`;
export const RULE = "aws:cloudwatch/eventRule:EventRule";
export const TARGET = "aws:cloudwatch/eventTarget:EventTarget";
export const PIPELINE = "aws:codepipeline/pipeline:Pipeline";
export const PROJECT = "aws:codebuild/project:Project";
export const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";

/** A connected repository and a state in S3, both with keys. */
export const args: DeploymentPipelineArgs = {
  model: "nyctaxi",
  bucket: "models",
  kmsKeyArn: MODEL_KEY,
  repository: { type: "connection", connectionArn: CONNECTION, repository: "owner/name", branch: "main" },
  state: {
    url: "s3://state/pulumi?region=us-east-1",
    secretsProvider: "awskms:///alias/state?region=us-east-1",
    secretsKeyArn: STATE_KEY,
    project: "safe",
  },
};

export interface Action {
  readonly name: string;
  readonly provider: string;
  readonly runOrder: number;
  readonly namespace?: string;
  readonly inputArtifacts: readonly string[];
  readonly outputArtifacts: readonly string[];
  readonly timeoutInMinutes?: number;
  readonly configuration: Readonly<Record<string, string>>;
}
export interface Stage {
  readonly name: string;
  readonly actions: readonly Action[];
}
export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: unknown;
}

export type Made = Recording<DeploymentPipeline>;
export const made = (over: Partial<DeploymentPipelineArgs> = {}): Promise<Made> =>
  record(() => new DeploymentPipeline("pipeline", { ...args, ...over }));

export function stagesOf({ find }: Made, name = "pipeline"): Stage[] {
  return find(PIPELINE, name).inputs.stages as Stage[];
}
export function actionsOf(recording: Made, name?: string): Action[] {
  return stagesOf(recording, name).flatMap(({ actions }) => actions);
}
/** Statements of the policy of a role. */
export function policy(recording: Made, role: string): Statement[] {
  const { inputs } = recording.made.find(({ type, name }) => type === ROLE_POLICY && name === `pipeline-${role}`)!;
  return (JSON.parse(inputs.policy as string) as { Statement: Statement[] }).Statement;
}
export const list = (value: string | readonly string[]) => (typeof value === "string" ? [value] : [...value]);
export const actionNames = (statements: readonly Statement[]) => statements.flatMap(({ Action }) => list(Action));
export const resourcesFor = (statements: readonly Statement[], action: string) =>
  statements.filter(({ Action }) => list(Action).includes(action)).flatMap(({ Resource }) => list(Resource));
/** Plain variables of a CodeBuild project. */
export function environmentOf({ find }: Made, project: string): Readonly<Partial<Record<string, string>>> {
  const { environmentVariables } = find(PROJECT, project).inputs.environment as {
    readonly environmentVariables: readonly { readonly name: string; readonly value: string }[];
  };
  return Object.fromEntries(environmentVariables.map(({ name, value }) => [name, value]));
}
export const variablesOf = ({ configuration }: Action) =>
  Object.fromEntries(
    (JSON.parse(configuration.EnvironmentVariables ?? "[]") as { name: string; value: string }[]).map(
      ({ name, value }) => [name, value],
    ),
  );
/** Whether an action changes nothing. */
export const reads = (action: string) => /:(Get|List|Describe|BatchGet|GET$)/.test(action) || action === "kms:Decrypt";
/** The roles of a pipeline with pull requests, and the one service that each is for. */
export const ROLES: Readonly<Record<string, string>> = {
  role: "codepipeline.amazonaws.com",
  "events-role": "events.amazonaws.com",
  "retrain-role": "lambda.amazonaws.com",
  "build-role": "codebuild.amazonaws.com",
  "train-role": "codebuild.amazonaws.com",
  "dev-role": "codebuild.amazonaws.com",
  "prod-role": "codebuild.amazonaws.com",
  "pull-request-role": "codepipeline.amazonaws.com",
  "pull-request-check-role": "codebuild.amazonaws.com",
};
