import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CloudWatchClient,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
  type StateValue,
} from "@aws-sdk/client-cloudwatch";
import {
  CodeDeployClient,
  CreateApplicationCommand,
  CreateDeploymentCommand,
  CreateDeploymentGroupCommand,
  GetDeploymentCommand,
  ListDeploymentTargetsCommand,
  GetDeploymentTargetCommand,
  PutLifecycleEventHookExecutionStatusCommand,
  type CreateDeploymentCommandInput,
  type CreateDeploymentGroupCommandInput,
  type DeploymentInfo,
  type LambdaTarget,
} from "@aws-sdk/client-codedeploy";
import { cloudWatch } from "../../services/cloudwatch";
import { codeDeploy } from "../../services/codedeploy";
import { LOCAL_ACCOUNT } from "../../core/account";
import { Clock } from "../../core/clock";
import { Faults } from "../../core/faults";
import { signedService, type Service } from "../../core/http";
import type { ServiceEvent } from "../../core/local";
import { NO_SESSIONS } from "../no-sessions";
import { serve, type Served } from "../../testing/serve";
import { FakeLambda } from "./fake-lambda";

export const APPLICATION = "mlops-nyctaxi-api";
export const GROUP = "mlops-nyctaxi-api";
const GROUP_SETTINGS: CreateDeploymentGroupCommandInput = {
  applicationName: APPLICATION,
  deploymentGroupName: GROUP,
  serviceRoleArn: "arn:aws:iam::123456789012:role/codedeploy",
  deploymentConfigName: "CodeDeployDefault.LambdaCanary10Percent5Minutes",
  deploymentStyle: { deploymentType: "BLUE_GREEN", deploymentOption: "WITH_TRAFFIC_CONTROL" },
  autoRollbackConfiguration: {
    enabled: true,
    events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
  },
};

/** An AppSpec from version 1 to version 2. */
export function appSpec(
  hooks: Readonly<Record<string, string>> = {},
  versions: readonly [string, string] = ["1", "2"],
): object {
  return {
    version: "0.0",
    Resources: [
      {
        api: {
          Type: "AWS::Lambda::Function",
          Properties: {
            Name: "mlops-nyctaxi-api",
            Alias: "live",
            CurrentVersion: versions[0],
            TargetVersion: versions[1],
          },
        },
      },
    ],
    Hooks: Object.entries(hooks).map(([event, hook]) => ({ [event]: hook })),
  };
}

/** CodeDeploy with a real CloudWatch, and a Lambda that records. */
export class Fixture {
  readonly lambda = new FakeLambda();
  readonly codeDeploy: CodeDeployClient;
  readonly cloudWatch: CloudWatchClient;

  private constructor(
    readonly clock: Clock,
    readonly served: Served,
    private readonly services: Map<string, Service>,
    /** What CodeDeploy has put on the event bus. */
    readonly announced: readonly ServiceEvent[],
  ) {
    this.services.set("lambda", this.lambda.service);
    this.codeDeploy = new CodeDeployClient(served.client);
    this.cloudWatch = new CloudWatchClient(served.client);
  }

  static async start(speed: number): Promise<Fixture> {
    const clock = new Clock(speed);
    const { service, metrics } = cloudWatch(clock, LOCAL_ACCOUNT);
    const services = new Map([["monitoring", service]]);
    const announced: ServiceEvent[] = [];
    const served = await serve((endpoint) => {
      const local = {
        clock,
        account: LOCAL_ACCOUNT,
        endpoint,
        scratchDir: "",
        python: "",
        metrics,
        faults: new Faults(),
        events: { put: (event: ServiceEvent) => announced.push(event) },
        sessions: NO_SESSIONS,
      };
      services.set("codedeploy", codeDeploy({ ...local, logs: { write: () => undefined } }));
      return (request) => services.get(signedService(request) ?? "");
    });
    const fixture = new Fixture(clock, served, services, announced);
    await fixture.codeDeploy.send(
      new CreateApplicationCommand({ applicationName: APPLICATION, computePlatform: "Lambda" }),
    );
    return fixture;
  }

  async close(): Promise<void> {
    this.clock.stop();
    this.codeDeploy.destroy();
    this.cloudWatch.destroy();
    await this.served.close();
  }

  async createGroup(settings: Partial<CreateDeploymentGroupCommandInput> = {}): Promise<void> {
    await this.codeDeploy.send(new CreateDeploymentGroupCommand({ ...GROUP_SETTINGS, ...settings }));
  }

  /** Answers CloudWatch's or Lambda's calls by something else. */
  replace(signedName: string, service: Service): void {
    this.services.set(signedName, service);
  }

  async deploy(spec: object | string = appSpec(), input: Partial<CreateDeploymentCommandInput> = {}): Promise<string> {
    const content = typeof spec === "string" ? spec : JSON.stringify(spec);
    const sha256 = createHash("sha256").update(content).digest("hex");
    const { deploymentId = "" } = await this.codeDeploy.send(
      new CreateDeploymentCommand({
        applicationName: APPLICATION,
        deploymentGroupName: GROUP,
        revision: { revisionType: "AppSpecContent", appSpecContent: { content, sha256 } },
        ...input,
      }),
    );
    return deploymentId;
  }

  async deployment(deploymentId: string): Promise<DeploymentInfo> {
    return (await this.codeDeploy.send(new GetDeploymentCommand({ deploymentId }))).deploymentInfo!;
  }

  async ended(deploymentId: string): Promise<DeploymentInfo> {
    await this.until(async () => (await this.deployment(deploymentId)).completeTime !== undefined);
    return this.deployment(deploymentId);
  }

  /** The rollback that a deployment is followed by some seconds later, once it has ended. */
  async rollbackOf({ deploymentId = "" }: DeploymentInfo): Promise<DeploymentInfo> {
    let rollback: string | undefined;
    await this.until(async () => {
      rollback = (await this.deployment(deploymentId)).rollbackInfo?.rollbackDeploymentId;
      return rollback !== undefined;
    });
    return this.ended(rollback ?? "");
  }

  async target(deploymentId: string): Promise<LambdaTarget> {
    const { targetIds = [] } = await this.codeDeploy.send(new ListDeploymentTargetsCommand({ deploymentId }));
    const command = new GetDeploymentTargetCommand({ deploymentId, targetId: targetIds[0] });
    return (await this.codeDeploy.send(command)).deploymentTarget!.lambdaTarget!;
  }

  /** A deployment's lifecycle events, such as `BeforeAllowTraffic Succeeded`. */
  async events(deploymentId: string): Promise<string[]> {
    const { lifecycleEvents = [] } = await this.target(deploymentId);
    return lifecycleEvents.map(({ lifecycleEventName, status }) => `${lifecycleEventName ?? ""} ${status ?? ""}`);
  }

  /** Makes hooks report this verdict, by name. */
  reportVerdicts(verdicts: Readonly<Record<string, "Succeeded" | "Failed">>): void {
    this.lambda.onInvoke = (hook, payload) => {
      const status = verdicts[hook];
      if (status !== undefined) {
        void this.report(payload, status);
      }
    };
  }

  async report(payload: Readonly<Record<string, string>>, status: "Succeeded" | "Failed"): Promise<void> {
    await this.codeDeploy.send(
      new PutLifecycleEventHookExecutionStatusCommand({
        deploymentId: payload.DeploymentId,
        lifecycleEventHookExecutionId: payload.LifecycleEventHookExecutionId,
        status,
      }),
    );
  }

  /** An alarm in this state, which it keeps until it is set again: its metric has no data. */
  async alarm(name: string, state: StateValue): Promise<void> {
    await this.cloudWatch.send(
      new PutMetricAlarmCommand({
        AlarmName: name,
        Namespace: "AWS/Lambda",
        MetricName: "Errors",
        Statistic: "Sum",
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 0,
        ComparisonOperator: "GreaterThanThreshold",
        TreatMissingData: "ignore",
      }),
    );
    await this.cloudWatch.send(new SetAlarmStateCommand({ AlarmName: name, StateValue: state, StateReason: "a test" }));
  }

  async until(condition: () => boolean | Promise<boolean>): Promise<void> {
    for (let attempt = 0; attempt < 2000; attempt += 1) {
      if (await condition()) {
        return;
      }
      await sleep(2);
    }
    throw new Error("what was waited for did not happen");
  }
}
