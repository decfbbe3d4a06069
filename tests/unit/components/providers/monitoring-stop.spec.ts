import {
  DescribeMonitoringScheduleCommand,
  ListMonitoringExecutionsCommand,
  StartMonitoringScheduleCommand,
  StopMonitoringScheduleCommand,
  StopProcessingJobCommand,
  type ExecutionStatus,
  type ScheduleStatus,
} from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { monitoringScheduleStop } from "../../../../components/providers";
import type { MonitoringStopInputs } from "../../../../components/providers/monitoring-stop-provider";
import { AwsError } from "local-aws/core/aws-error";
import { jsonRpcService } from "local-aws/core/json-rpc";
import { operation } from "local-aws/core/operation";
import { failureOf, startAws, throttled, type TestAws } from "./test-aws";

const NAME = "mlops-nyctaxi-pms-r1";

describe("the provider of MonitoringScheduleStop", () => {
  let status: ScheduleStatus | undefined;
  let execution: ExecutionStatus;
  /** Looks that an execution stays as it is. */
  let looks: number;
  let aws: TestAws;
  let inputs: MonitoringStopInputs;

  const after: Partial<Record<ExecutionStatus, ExecutionStatus>> = { Pending: "InProgress", Stopping: "Stopped" };
  const sageMaker = jsonRpcService("SageMaker", [
    operation(DescribeMonitoringScheduleCommand, ({ MonitoringScheduleName }) => {
      if (status === undefined) {
        throw new AwsError("ResourceNotFound", `Could not find monitoring schedule "${MonitoringScheduleName}".`);
      }
      return {
        MonitoringScheduleName,
        MonitoringScheduleArn: "arn:of:it",
        MonitoringScheduleStatus: status,
        CreationTime: new Date(),
        LastModifiedTime: new Date(),
        MonitoringScheduleConfig: {},
      };
    }),
    operation(StartMonitoringScheduleCommand, () => {
      status = "Scheduled";
      return {};
    }),
    operation(StopMonitoringScheduleCommand, () => {
      status = "Stopped";
      return {};
    }),
    operation(ListMonitoringExecutionsCommand, () => {
      if (looks-- === 0) {
        execution = after[execution] ?? execution;
        looks = 1;
      }
      const time = new Date("2026-03-01T12:00:00Z");
      const common = { MonitoringScheduleName: NAME, ScheduledTime: time, CreationTime: time, LastModifiedTime: time };
      const ProcessingJobArn = execution === "Pending" ? undefined : "arn:aws:sagemaker:::processing-job/the-job";
      return {
        MonitoringExecutionSummaries: [
          { ...common, MonitoringExecutionStatus: execution, ProcessingJobArn },
          { ...common, MonitoringExecutionStatus: "Completed" as const },
        ],
      };
    }),
    operation(StopProcessingJobCommand, ({ ProcessingJobName }) => {
      if (ProcessingJobName !== "the-job" || execution !== "InProgress") {
        throw new AwsError(
          "ValidationException",
          `The request was rejected because the processing job is in status ${execution}.`,
        );
      }
      execution = "Stopping";
      return {};
    }),
  ]);

  beforeEach(async () => {
    [status, execution, looks] = ["Scheduled", "Completed", 1];
    aws = await startAws({ sagemaker: sageMaker });
    inputs = { region: "us-east-1", scheduleName: NAME, pollSeconds: 0.002, timeoutSeconds: 5 };
  });
  afterEach(() => aws.close());

  it("does nothing while the schedule runs, and starts one that an interrupted update has stopped", async () => {
    await monitoringScheduleStop.create(inputs);
    expect(aws.calls).to.deep.equal(["DescribeMonitoringSchedule"]);
    status = "Stopped";
    await monitoringScheduleStop.create(inputs);
    expect(status).to.equal("Scheduled");
  });

  it("stops the schedule and its run, whose job may not have begun yet, and waits for the end of both", async () => {
    execution = "Pending";
    aws.trouble("StopProcessingJob", throttled());

    await monitoringScheduleStop.delete(NAME, inputs);

    expect([status, execution]).to.deep.equal(["Stopped", "Stopped"]);
    expect(aws.told).to.include(`monitoring schedule ${NAME}: its run of 2026-03-01T12:00:00.000Z is stopped`);
  });

  it("stops a schedule that runs nothing, and leaves one alone that is gone", async () => {
    await monitoringScheduleStop.delete(NAME, inputs);
    expect(status).to.equal("Stopped");
    status = undefined;
    await monitoringScheduleStop.delete(NAME, inputs);
  });

  it("gives up after its time", async () => {
    [execution, looks] = ["Pending", Infinity];

    const error = await failureOf(monitoringScheduleStop.delete(NAME, { ...inputs, timeoutSeconds: 0.05 }));
    expect(error.message).to.equal(
      `monitoring schedule ${NAME} still runs after timeoutSeconds (0.05): run pulumi up again`,
    );
  });

  it("is another one for another schedule, and changes with nothing else", async () => {
    const diff = (news: object) => monitoringScheduleStop.diff(NAME, inputs, { ...inputs, ...news });
    expect(await diff({ scheduleName: "other" })).to.deep.equal({ changes: true, replaces: ["scheduleName"] });
    expect(await diff({ pollSeconds: 9 })).to.deep.equal({ changes: false, replaces: [] });
  });
});
