import { setTimeout as sleep } from "node:timers/promises";
import { StartPipelineExecutionCommand, type StartPipelineExecutionInput } from "@aws-sdk/client-codepipeline";
import {
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  type PutRuleRequest,
  type Target,
} from "@aws-sdk/client-eventbridge";
import { expect } from "chai";
import { LOCAL_ACCOUNT } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import { Clock } from "../../core/clock";
import { Faults } from "../../core/faults";
import { signedService, type Service } from "../../core/http";
import { INITIATOR_HEADER } from "../../core/initiator";
import { jsonRpcService } from "../../core/json-rpc";
import type { EventSink, Local } from "../../core/local";
import { operation } from "../../core/operation";
import { eventBridge } from "../../services/events";
import { NO_SESSIONS } from "../no-sessions";
import { serve, type Pick, type Served } from "../../testing/serve";

/** At this speed, a minute passes in 60 ms. */
const SPEED = 1000;
export const PIPELINE = "arn:aws:codepipeline:us-east-1:123456789012:release";
export const RULE_ARN = "arn:aws:events:us-east-1:123456789012:rule/retrain";
export const ROLE = "arn:aws:iam::123456789012:role/start";
export const ALARM = { source: "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change" };
export const QUEUE = "arn:aws:sqs:us-east-1:123456789012:lost";
export const pipelineTarget: Target = { Id: "pipeline", Arn: PIPELINE, RoleArn: ROLE };

/** EventBridge behind its real client, with a CodePipeline and an SQS that record what reaches them. */
export class Fixture {
  readonly started: (StartPipelineExecutionInput & { readonly by: string })[] = [];
  readonly queued: Record<string, unknown>[] = [];
  /** Names of the metrics that were put. */
  readonly metrics: string[] = [];
  /** Roles that were assumed, each behind the service that did. */
  readonly assumed: string[] = [];
  pipelineFails = false;
  client!: EventBridgeClient;
  private served!: Served;
  private readonly clock = new Clock(SPEED);
  private readonly bridge = eventBridge(this.clock, LOCAL_ACCOUNT);
  readonly events: EventSink = this.bridge.events;

  static async start(): Promise<Fixture> {
    const fixture = new Fixture();
    fixture.served = await serve((endpoint) => fixture.services(endpoint));
    fixture.client = new EventBridgeClient(fixture.served.client);
    return fixture;
  }

  async close(): Promise<void> {
    this.clock.stop();
    this.client.destroy();
    await this.served.close();
  }

  putRule(input: Partial<PutRuleRequest> = {}) {
    const EventPattern = JSON.stringify({ source: ["aws.cloudwatch"] });
    return this.client.send(new PutRuleCommand({ Name: "retrain", EventPattern, ...input }));
  }

  putTargets(...Targets: Target[]) {
    return this.client.send(new PutTargetsCommand({ Rule: "retrain", Targets }));
  }

  async until(condition: () => boolean): Promise<void> {
    for (let attempt = 0; attempt < 1000 && !condition(); attempt += 1) {
      await sleep(2);
    }
    expect(condition()).to.equal(true);
  }

  private services(endpoint: string): Pick {
    const local: Local = {
      clock: this.clock,
      account: LOCAL_ACCOUNT,
      endpoint,
      scratchDir: "",
      python: "",
      metrics: { put: (values) => this.metrics.push(...values.map(({ name }) => name)) },
      logs: { write: () => undefined },
      faults: new Faults(),
      events: this.events,
      sessions: {
        ...NO_SESSIONS,
        assumeAs: async (service, roleArn) => {
          this.assumed.push(`${service} ${roleArn}`);
          return { ...LOCAL_ACCOUNT, sessionToken: "t" };
        },
      },
    };
    const services = new Map([
      ["events", this.bridge.service(local, () => false)],
      ["codepipeline", this.pipelines()],
      ["sqs", this.queues()],
    ]);
    return (request) => services.get(signedService(request) ?? "");
  }

  /** A CodePipeline that records. */
  private pipelines(): Service {
    let by = "";
    const start = operation(StartPipelineExecutionCommand, (input) => {
      if (this.pipelineFails) {
        throw new AwsError("PipelineNotFoundException", "no such pipeline");
      }
      this.started.push({ ...input, by });
      return { pipelineExecutionId: "e" };
    });
    const rpc = jsonRpcService("CodePipeline", [start]);
    return {
      ...rpc,
      handle(request) {
        by = request.headers[INITIATOR_HEADER] ?? "";
        return rpc.handle(request);
      },
    };
  }

  /** An SQS that records. */
  private queues(): Service {
    return {
      name: "SQS",
      handle: async ({ body }) => {
        this.queued.push(JSON.parse(Buffer.from(body).toString()) as Record<string, unknown>);
        return { status: 200, headers: {}, body: "{}" };
      },
    };
  }
}
