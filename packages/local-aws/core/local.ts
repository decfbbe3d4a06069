import type { AgentOptions } from "node:http";
import type { Account } from "./account";
import type { Clock } from "./clock";
import type { Constraints } from "./constraints";
import type { Faults } from "./faults";
import type { HttpRequest } from "./http";
import type { Violations } from "./operation";

/** What every service of the local AWS is given to work with. */
export interface Local {
  readonly clock: Clock;
  readonly account: Account;
  /** Where SDK clients and child processes reach the local AWS, such as `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  /** Folder for containers' `/opt/ml`, functions' code and the like; the run's own, removed with it. */
  readonly scratchDir: string;
  /** Python of the project's own environment, which has XGBoost and scikit-learn. */
  readonly python: string;
  readonly metrics: MetricSink;
  readonly logs: LogSink;
  readonly faults: Faults;
  readonly events: EventSink;
  readonly sessions: RoleSessions;
  /** Path of the git repository for all git sources. @default - git sources are refused */
  readonly repository?: string;
  /** Whether functions act as their roles, whose policies are then enforced. @default false: they act as the account */
  readonly functionsUseRoles?: boolean;
  /** Folders with the programs of images of one's own, by repository name. @default - none */
  readonly images?: Readonly<Record<string, string>>;
  /** Told of a container that was killed from outside, in words for people. @default - nobody is told */
  readonly onContainerKilled?: (what: string) => void;
  /** Constraints of AWS's service models. @default - inputs are only checked to be complete */
  readonly constraints?: Constraints;
}

/** One value of a CloudWatch metric. */
export interface MetricValue {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
  /** CloudWatch's unit, such as `Count` or `Milliseconds`. @default "None" */
  readonly unit?: string;
  /** @default now */
  readonly timestamp?: Date;
}

/** Where services put their CloudWatch metrics. */
export interface MetricSink {
  put(values: readonly MetricValue[]): void;
}

/** Where the output of functions and containers goes: CloudWatch Logs, which also reads metrics out of EMF lines. */
export interface LogSink {
  /** @param mayMakeGroup asked if the group is not there; lines are dropped where it may not be made. @default - it may */
  write(logGroup: string, logStream: string, lines: readonly string[], mayMakeGroup?: () => Promise<boolean>): void;
}

/** An event that a service puts on the default event bus. Id, time, account and region are filled in. */
export interface ServiceEvent {
  /** Such as `aws.codepipeline`. */
  readonly source: string;
  readonly "detail-type": string;
  /** ARNs. @default none */
  readonly resources?: readonly string[];
  readonly detail: object;
}

/** Where services put events for EventBridge's rules. */
export interface EventSink {
  put(event: ServiceEvent): void;
}

/** Temporary keys of a role's session. */
export interface SessionKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** A role that somebody has assumed. */
export interface RoleSession {
  readonly keys: SessionKeys;
  /** Such as `arn:aws:sts::123456789012:assumed-role/deploy/build-1`. */
  readonly arn: string;
  /** The role's id and the session's name. */
  readonly userId: string;
}

/** One action for which a role needs permission. */
export interface Permission {
  /** IAM's name, such as `codeconnections:UseConnection`. */
  readonly action: string;
  /** ARN, or `*` for an action without resources. */
  readonly resource: string;
  /** Condition keys and their values, in addition to those that every request has. @default none */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/** Sessions of IAM roles. Requests signed with their keys are checked against the role's policies before they reach a service. */
export interface RoleSessions {
  /** Keys for a session of a role, whatever its trust policy says. */
  assume(roleArn: string, sessionName: string): SessionKeys;
  /**
   * The same for a service such as `codebuild.amazonaws.com`, if the role exists and trusts it.
   *
   * @throws AwsError `AccessDenied`
   */
  assumeAs(service: string, roleArn: string, sessionName: string): Promise<SessionKeys>;
  /**
   * The session in this account that keys belong to, by what a request tells of them.
   *
   * @throws AwsError for keys that were not given out, or not by this account
   */
  sessionOf(accessKeyId: string, sessionToken: string | undefined): RoleSession;
  /**
   * Checks against the role's policies what a service does on a session's behalf without a request of its own.
   *
   * @throws AwsError `AccessDeniedException` in AWS's words
   */
  authorize(keys: SessionKeys, permission: Permission): Promise<void>;
}

/** The answer of a Lambda function. */
export interface Invocation {
  readonly payload: Uint8Array;
  readonly executedVersion: string;
  /** `Unhandled` if the function threw, timed out or died. */
  readonly functionError?: string;
}

/** Calls a Lambda function as API Gateway and CodeDeploy do. Rejects with an `AwsError` if there is no such function. */
export interface FunctionInvoker {
  invoke(functionName: string, qualifier: string | undefined, payload: Uint8Array): Promise<Invocation>;
}

/** The constraints of one service, by the name of its model in botocore, such as `sagemaker`. */
export function violationsOf({ constraints }: Pick<Local, "constraints">, service: string): Violations {
  return (operation, input) => constraints?.violations(service, operation, input) ?? [];
}

/** Where SDK clients send their requests. */
export interface Reach {
  readonly endpoint: string;
  /** @default - by TCP */
  readonly requestHandler?: { readonly httpAgent: AgentOptions & { readonly socketPath: string } };
}

/** App id of the local AWS's own clients, which is sent in the header `User-Agent`. */
const OWN_APP_ID = "local-aws";

/**
 * Settings for an AWS SDK client of the local AWS itself, or of the program that runs it, with the account's own keys or a session's. Its
 * requests are marked, because calls within AWS do not share the troubles of customers: see `aws-trouble.ts`. Customers' clients use {@link
 * clientEnvironment} instead.
 */
export function clientConfig({ account, ...reach }: Pick<Local, "account"> & Reach, session?: SessionKeys) {
  const { region, accessKeyId, secretAccessKey } = account;
  const credentials = session ?? { accessKeyId, secretAccessKey };
  const { endpoint, requestHandler } = reach;
  const by = requestHandler === undefined ? {} : { requestHandler };
  return { endpoint, region, credentials, userAgentAppId: OWN_APP_ID, ...by };
}

/** Whether a client with {@link clientConfig} has sent a request. */
export function isOwnRequest({ headers }: HttpRequest): boolean {
  return (headers["user-agent"] ?? "").split(" ").includes(`app/${OWN_APP_ID}`);
}

/** Environment that points any AWS client in a child process at the local AWS, with the account's own keys or a session's. */
export function clientEnvironment(
  local: Pick<Local, "account" | "endpoint">,
  session?: SessionKeys,
): Record<string, string> {
  const { accessKeyId, secretAccessKey } = session ?? local.account;
  return {
    AWS_ENDPOINT_URL: local.endpoint,
    AWS_REGION: local.account.region,
    AWS_DEFAULT_REGION: local.account.region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(session === undefined ? {} : { AWS_SESSION_TOKEN: session.sessionToken }),
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  };
}
