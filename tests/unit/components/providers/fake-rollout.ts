import { DescribeScalableTargetsCommand } from "@aws-sdk/client-application-auto-scaling";
import { FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  CreateDeploymentCommand,
  GetDeploymentCommand,
  GetDeploymentGroupCommand,
  GetDeploymentTargetCommand,
  ListDeploymentsCommand,
  ListDeploymentTargetsCommand,
  StopDeploymentCommand,
  type CreateDeploymentInput,
  type DeploymentInfo,
  type LifecycleEvent,
} from "@aws-sdk/client-codedeploy";
import {
  CreateAliasCommand,
  DeleteAliasCommand,
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  UpdateAliasCommand,
} from "@aws-sdk/client-lambda";
import { DescribeEndpointCommand } from "@aws-sdk/client-sagemaker";
import { Uint8ArrayBlobAdapter } from "@smithy/core/serde";
import { AwsError } from "local-aws/core/aws-error";
import type { Service } from "local-aws/core/http";
import { jsonRpcService } from "local-aws/core/json-rpc";
import { operation } from "local-aws/core/operation";
import { restJsonService } from "local-aws/core/rest-json";
import { FakeWatch } from "./fake-rollout-watch";

export const ALIAS_ARN = "arn:aws:lambda:us-east-1:123456789012:function:mlops-nyctaxi-api:live";

export interface FakeAlias {
  version: string;
  weights: Record<string, number>;
  description?: string;
}

export interface FakeDeployment {
  readonly id: string;
  info: Partial<DeploymentInfo>;
  currentVersion: string;
  targetVersion: string;
  events: LifecycleEvent[];
  /** What happens before each look at it, one after the other; then nothing more. */
  steps: ((deployment: FakeDeployment) => void)[];
}

/** Just enough of Lambda, CodeDeploy, CloudWatch, its logs and SNS for rollouts that a test lays out step by step. */
export class FakeRollout {
  alias: FakeAlias | undefined;
  readonly versions = new Map<string, { release: string; code: string; endpoint?: string }>();
  /** How many instances an endpoint has at one look after the other, the last for ever; and how many it must have at least. */
  instances = [1];
  leastInstances: number | undefined;
  readonly deployments: FakeDeployment[] = [];
  readonly created: CreateDeploymentInput[] = [];
  readonly stopped: string[] = [];
  readonly invocations: string[] = [];
  /** Versions that were called directly: probes. */
  readonly probed: string[] = [];
  readonly watch = new FakeWatch();
  readonly logLines: { group: string; message: string }[] = [];
  /** What a hook answers when it is asked directly. */
  hookAnswer: { payload: string; error?: string } = { payload: '{"status":"Succeeded","reason":"3 rows are sane"}' };
  /** What a version answers that is called directly. */
  probeAnswer = '{"statusCode":200,"body":"{}"}';
  /** What a deployment that is stopped does; without it, it stops and the traffic is back. */
  whenStopped: ((deployment: FakeDeployment) => void) | undefined;
  /** How often the group takes no deployment because of one that it does not list. */
  busy = 0;
  /** What happens before the next change of the alias: somebody else is faster. */
  beforeUpdate: (() => void) | undefined;
  /** What the deployments that are created from now on do. */
  steps: FakeDeployment["steps"] = [];

  private find(deploymentId: string): FakeDeployment {
    const deployment = this.deployments.find(({ id }) => id === deploymentId);
    if (deployment === undefined) {
      throw new AwsError("DeploymentDoesNotExistException", `The deployment ${deploymentId} could not be found`);
    }
    return deployment;
  }

  /** Adds a deployment that CodeDeploy knows, with the status that it has now. */
  add(deployment: Partial<FakeDeployment> & Pick<FakeDeployment, "id" | "info">): FakeDeployment {
    const steps = [...(deployment.steps ?? [])];
    const added = { currentVersion: "3", targetVersion: "5", events: [], ...deployment, steps };
    this.deployments.unshift(added);
    return added;
  }

  private readonly lambda = restJsonService("Lambda", [
    operation(GetAliasCommand, () => this.described()),
    operation(CreateAliasCommand, ({ FunctionVersion, Description }) => {
      if (this.alias !== undefined) {
        throw new AwsError("ResourceConflictException", "Alias already exists", 409);
      }
      const described = Description === undefined ? {} : { description: Description };
      this.alias = { version: FunctionVersion, weights: {}, ...described };
      return this.described();
    }),
    operation(UpdateAliasCommand, ({ FunctionVersion, RoutingConfig, Description, RevisionId }) => {
      this.beforeUpdate?.();
      this.beforeUpdate = undefined;
      if (RevisionId !== undefined && RevisionId !== this.described().RevisionId) {
        throw new AwsError("PreconditionFailedException", "The Revision Id provided does not match", 412);
      }
      const { version, weights, description } = this.alias!;
      this.alias = {
        version: FunctionVersion ?? version,
        weights: RoutingConfig?.AdditionalVersionWeights ?? weights,
        ...((Description ?? description) === undefined ? {} : { description: Description ?? description }),
      };
      return this.described();
    }),
    operation(DeleteAliasCommand, () => {
      this.alias = undefined;
      return {};
    }),
    operation(GetFunctionConfigurationCommand, ({ Qualifier }) => {
      if (Qualifier === undefined) {
        return {};
      }
      const version = this.versions.get(Qualifier);
      if (version === undefined) {
        throw new AwsError("ResourceNotFoundException", `Function not found: ${Qualifier}`, 404);
      }
      return {
        Version: Qualifier,
        CodeSha256: version.code,
        Timeout: 3,
        Environment: {
          Variables: {
            RELEASE: version.release,
            ...(version.endpoint === undefined ? {} : { ENDPOINT_NAME: version.endpoint }),
          },
        },
      };
    }),
    operation(InvokeCommand, ({ FunctionName, Payload, Qualifier }) => {
      if (Qualifier !== undefined) {
        this.probed.push(Qualifier);
        return { StatusCode: 200, Payload: new Uint8ArrayBlobAdapter(Buffer.from(this.probeAnswer)) };
      }
      this.invocations.push(`${FunctionName} ${Payload instanceof Uint8Array ? Buffer.from(Payload).toString() : "?"}`);
      const { payload, error } = this.hookAnswer;
      return { StatusCode: 200, Payload: new Uint8ArrayBlobAdapter(Buffer.from(payload)), FunctionError: error };
    }),
  ]);

  private readonly codeDeploy = jsonRpcService("CodeDeploy", [
    operation(CreateDeploymentCommand, (input) => {
      if (this.busy-- > 0 || this.deployments.some(({ info }) => info.status === "InProgress")) {
        throw new AwsError("DeploymentLimitExceededException", "The Deployment Group already has an active Deployment");
      }
      this.created.push(input);
      const { id } = this.add({
        id: `d-${this.created.length}`,
        info: {
          status: "InProgress",
          description: input.description,
          createTime: new Date(0),
          overrideAlarmConfiguration: input.overrideAlarmConfiguration,
        },
        steps: this.steps,
      });
      return { deploymentId: id };
    }),
    operation(GetDeploymentCommand, ({ deploymentId }) => {
      const deployment = this.find(deploymentId);
      deployment.steps.shift()?.(deployment);
      return { deploymentInfo: { deploymentId, creator: "user" as const, ...deployment.info } };
    }),
    // In an order that says nothing, as AWS promises none.
    operation(ListDeploymentsCommand, ({ includeOnlyStatuses = [], createTimeRange }) => ({
      deployments: this.deployments
        .filter(({ info }) => includeOnlyStatuses.includes(info.status!))
        .filter(({ info: { createTime = new Date(0) } }) => createTime >= (createTimeRange?.start ?? new Date(0)))
        .map(({ id }) => id)
        .sort(),
    })),
    operation(ListDeploymentTargetsCommand, ({ deploymentId }) => {
      if (this.find(deploymentId).info.status === "Created") {
        throw new AwsError("DeploymentNotStartedException", "The deployment has not started");
      }
      return { targetIds: ["mlops-nyctaxi-api:live"] };
    }),
    operation(GetDeploymentTargetCommand, ({ deploymentId }) => {
      const { currentVersion, targetVersion, events } = this.find(deploymentId);
      return {
        deploymentTarget: {
          deploymentTargetType: "LambdaTarget" as const,
          lambdaTarget: { lifecycleEvents: events, lambdaFunctionInfo: { currentVersion, targetVersion } },
        },
      };
    }),
    operation(StopDeploymentCommand, ({ deploymentId }) => {
      this.stopped.push(deploymentId);
      const stop = (deployment: FakeDeployment) => {
        deployment.info.status = "Stopped";
        this.alias!.weights = {};
      };
      (this.whenStopped ?? stop)(this.find(deploymentId));
      return { status: "Pending" as const };
    }),
    operation(GetDeploymentGroupCommand, () => ({
      deploymentGroupInfo: { alarmConfiguration: { alarms: [{ name: "api-errors" }] } },
    })),
  ]);

  private readonly logs = jsonRpcService("CloudWatchLogs", [
    operation(FilterLogEventsCommand, ({ logGroupName }) => ({
      events: this.logLines.filter(({ group }) => group === logGroupName).map(({ message }) => ({ message })),
    })),
  ]);

  private readonly sageMaker = jsonRpcService("SageMaker", [
    operation(DescribeEndpointCommand, ({ EndpointName }) => ({
      EndpointName,
      EndpointArn: `arn:aws:sagemaker:us-east-1:123456789012:endpoint/${EndpointName}`,
      EndpointStatus: "InService" as const,
      ProductionVariants: [
        {
          VariantName: "v",
          CurrentInstanceCount: this.instances.length > 1 ? this.instances.shift() : this.instances[0],
        },
      ],
      CreationTime: new Date(),
      LastModifiedTime: new Date(),
    })),
  ]);

  private readonly autoScaling = jsonRpcService("Application Auto Scaling", [
    operation(DescribeScalableTargetsCommand, ({ ResourceIds = [] }) => ({
      ScalableTargets:
        this.leastInstances === undefined
          ? []
          : ResourceIds.map((ResourceId) => ({
              ServiceNamespace: "sagemaker" as const,
              ResourceId,
              ScalableDimension: "sagemaker:variant:DesiredInstanceCount" as const,
              MinCapacity: this.leastInstances,
              MaxCapacity: 9,
              RoleARN: "arn:aws:iam::123456789012:role/scaling",
              CreationTime: new Date(),
            })),
    })),
  ]);

  /** By the names that requests are signed with. */
  readonly services: Readonly<Record<string, Service>> = {
    lambda: this.lambda,
    codedeploy: this.codeDeploy,
    logs: this.logs,
    sagemaker: this.sageMaker,
    "application-autoscaling": this.autoScaling,
    ...this.watch.services,
  };

  private described() {
    if (this.alias === undefined) {
      throw new AwsError("ResourceNotFoundException", `Cannot find alias arn: ${ALIAS_ARN}`, 404);
    }
    const { version, weights, description } = this.alias;
    return {
      AliasArn: ALIAS_ARN,
      Name: "live",
      FunctionVersion: version,
      Description: description,
      RoutingConfig: { AdditionalVersionWeights: weights },
      RevisionId: JSON.stringify(this.alias),
    };
  }
}
