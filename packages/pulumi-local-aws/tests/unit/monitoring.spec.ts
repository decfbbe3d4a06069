import {
  CreateMonitoringScheduleCommand,
  DeleteMonitoringScheduleCommand,
  DescribeDataQualityJobDefinitionCommand,
  DescribeMonitoringScheduleCommand,
  ListTagsCommand,
  type ScheduleStatus,
  UpdateMonitoringScheduleCommand,
} from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { AwsError } from "local-aws/core/aws-error";
import { jsonRpcService } from "local-aws/core/json-rpc";
import { operation } from "local-aws/core/operation";
import { serve, type Served } from "local-aws/testing/serve";
import { type Plugin, awsEnvironment, startPlugin, withEnvironment } from "./plugin";

const SCHEDULE = "aws:sagemaker/monitoringSchedule:MonitoringSchedule";
const DEFINITION = "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition";

describe("the provider plugin and a monitoring schedule", () => {
  /** What the schedule says from one look to the next; none where there is no schedule. */
  let statuses: ScheduleStatus[];
  let isRunning: boolean;
  let definition: string | undefined;
  let served: Served;
  let plugin: Plugin;
  let restore: () => void;

  const service = jsonRpcService("SageMaker", [
    operation(CreateMonitoringScheduleCommand, ({ MonitoringScheduleConfig: config }) => {
      definition = config.MonitoringJobDefinitionName;
      statuses = ["Pending", "Scheduled"];
      return { MonitoringScheduleArn: "arn:of:it" };
    }),
    operation(UpdateMonitoringScheduleCommand, ({ MonitoringScheduleConfig: config }) => {
      definition = config.MonitoringJobDefinitionName;
      statuses = ["Pending", "Scheduled"];
      return { MonitoringScheduleArn: "arn:of:it" };
    }),
    operation(DescribeMonitoringScheduleCommand, () => {
      const [status] = statuses;
      if (status === undefined) {
        throw new AwsError("ResourceNotFound", "Could not find it");
      }
      statuses = statuses.length > 1 ? statuses.slice(1) : statuses;
      return {
        MonitoringScheduleArn: "arn:of:it",
        MonitoringScheduleName: "hourly",
        MonitoringScheduleStatus: status,
        CreationTime: new Date(),
        LastModifiedTime: new Date(),
        FailureReason: status === "Failed" ? "it is Sunday" : undefined,
        MonitoringScheduleConfig: {
          MonitoringJobDefinitionName: definition,
          MonitoringType: "DataQuality" as const,
          ScheduleConfig: { ScheduleExpression: "cron(0 * ? * * *)" },
        },
      };
    }),
    operation(DeleteMonitoringScheduleCommand, () => {
      if (isRunning) {
        throw new AwsError("ValidationException", "it has an execution in progress and cannot be deleted.");
      }
      statuses = [];
      return {};
    }),
    operation(DescribeDataQualityJobDefinitionCommand, ({ JobDefinitionName }) => ({
      JobDefinitionName,
      JobDefinitionArn: "arn:of:it",
      CreationTime: new Date(),
      RoleArn: "one",
      DataQualityAppSpecification: { ImageUri: "image" },
      DataQualityJobInput: {
        EndpointInput: { EndpointName: "e", LocalPath: "/opt/ml/processing/input" },
      },
      DataQualityJobOutputConfig: {
        MonitoringOutputs: [{ S3Output: { S3Uri: "s3://b/r", LocalPath: "/opt/ml/processing/output" } }],
      },
      JobResources: { ClusterConfig: { InstanceCount: 1, InstanceType: "ml.m5.large" as const, VolumeSizeInGB: 20 } },
    })),
    operation(ListTagsCommand, () => ({ Tags: [] })),
  ]);
  before(async () => {
    served = await serve(service);
    restore = withEnvironment(awsEnvironment(served.endpoint));
  });
  after(async () => {
    restore();
    await served.close();
  });
  beforeEach(async () => {
    statuses = [];
    isRunning = false;
    plugin = await startPlugin();
  });
  afterEach(() => plugin.close());

  const inputs = (name: string) => ({
    name: "hourly",
    monitoringScheduleConfig: {
      monitoringJobDefinitionName: name,
      monitoringType: "DataQuality",
      scheduleConfig: { scheduleExpression: "cron(0 * ? * * *)" },
    },
    __defaults: [],
  });
  const failed = async (call: Promise<unknown>) => (await call.catch((error: unknown) => error)) as Error;

  it("waits until it is scheduled, and reads it back", async () => {
    const { id, outputs } = await plugin.create(SCHEDULE, inputs("one"));
    expect([id, outputs.arn, statuses]).to.deep.equal(["hourly", "arn:of:it", ["Scheduled"]]);
    expect((await plugin.read(SCHEDULE, "hourly", inputs("one"))).inputs).to.deep.equal(inputs("one"));
  });

  it("gives it another job definition in place", async () => {
    await plugin.create(SCHEDULE, inputs("one"));
    await plugin.update(SCHEDULE, "hourly", inputs("one"), inputs("two"));
    expect([definition, statuses]).to.deep.equal(["two", ["Scheduled"]]);
  });

  it("deletes it, and not while it runs", async () => {
    await plugin.create(SCHEDULE, inputs("one"));
    isRunning = true;
    expect((await failed(plugin.delete(SCHEDULE, "hourly", inputs("one")))).message).to.match(/execution in progress/);
    isRunning = false;
    await plugin.delete(SCHEDULE, "hourly", inputs("one"));
    await plugin.delete(SCHEDULE, "hourly", inputs("one"));
  });

  it("does not take up another role of a job definition, which the AWS provider would not either", async () => {
    const definitionInputs = (roleArn: string) => ({
      name: "quality",
      roleArn,
      dataQualityAppSpecification: { imageUri: "image" },
      dataQualityJobInput: { endpointInput: { endpointName: "e", localPath: "/opt/ml/processing/input" } },
      dataQualityJobOutputConfig: {
        monitoringOutputs: { s3Output: { s3Uri: "s3://b/r", localPath: "/opt/ml/processing/output" } },
      },
      jobResources: { clusterConfig: { instanceCount: 1, instanceType: "ml.m5.large", volumeSizeInGb: 20 } },
      __defaults: [],
    });
    const update = plugin.update(DEFINITION, "quality", definitionInputs("one"), definitionInputs("two"));
    expect((await failed(update)).message).to.match(/declare it with replaceOnChanges: \["roleArn"\]$/);
  });
});
