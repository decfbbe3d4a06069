import {
  CreateMonitoringScheduleCommand,
  DeleteMonitoringScheduleCommand,
  DescribeMonitoringScheduleCommand,
  ListMonitoringExecutionsCommand,
  ListMonitoringSchedulesCommand,
  StartMonitoringScheduleCommand,
  StopMonitoringScheduleCommand,
  UpdateMonitoringScheduleCommand,
  type CreateMonitoringScheduleCommandInput,
  type ListMonitoringExecutionsCommandInput,
  type MonitoringScheduleConfig,
} from "@aws-sdk/client-sagemaker";
import { AwsError, notPartOfLocal } from "../../core/aws-error";
import { operation, type Checked, type Operation } from "../../core/operation";
import { sageMakerArn, type Context } from "./context";
import { jobDefinitionNamed } from "./data-quality-job-definitions";
import { invalid } from "./errors";
import { listPage } from "./listing";
import { monitoringCron } from "./monitoring-cron";
import { MonitoringSchedule, type WatchSettings } from "./monitoring-schedule";
import { settle } from "./monitoring-watch";

/** AWS seconds for which SageMaker still tells of a schedule that has been deleted. */
const DELETION_SECONDS = 20;

/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateMonitoringSchedule.html and its siblings. */
export function monitoringScheduleOperations(context: Context): readonly Operation[] {
  const { monitoringSchedules: schedules } = context.store;
  return [
    operation(CreateMonitoringScheduleCommand, (input) => ({ MonitoringScheduleArn: create(context, input).arn })),
    operation(UpdateMonitoringScheduleCommand, ({ MonitoringScheduleName: name, MonitoringScheduleConfig: config }) => {
      const schedule = atRest(context, name, "updated");
      schedule.settings = checked(context, config);
      settle(context, schedule, schedule.status);
      return { MonitoringScheduleArn: schedule.arn };
    }),
    operation(StartMonitoringScheduleCommand, ({ MonitoringScheduleName: name }) => {
      const schedule = atRest(context, name, "started");
      if (schedule.status !== "Scheduled") {
        settle(context, schedule, "Scheduled");
      }
      return {};
    }),
    operation(StopMonitoringScheduleCommand, ({ MonitoringScheduleName: name }) => {
      const schedule = atRest(context, name, "stopped");
      if (schedule.status !== "Stopped") {
        settle(context, schedule, "Stopped");
      }
      return {};
    }),
    operation(DescribeMonitoringScheduleCommand, ({ MonitoringScheduleName: name }) => {
      const schedule = scheduleNamed(context, name);
      return {
        ...summary(schedule),
        MonitoringScheduleConfig: schedule.settings.config,
        LastMonitoringExecutionSummary: executionsOf(context, name).at(-1)?.summary(),
      };
    }),
    operation(DeleteMonitoringScheduleCommand, ({ MonitoringScheduleName: name }) => {
      remove(context, atRest(context, name, "deleted"));
      return {};
    }),
    operation(ListMonitoringSchedulesCommand, (request) => {
      const { EndpointName: endpoint, MonitoringJobDefinitionName: definition, MonitoringTypeEquals: type } = request;
      const all = [...schedules.values()].filter(
        (one) =>
          [one.endpointName, undefined].includes(endpoint) &&
          [one.jobDefinitionName, undefined].includes(definition) &&
          ["DataQuality", undefined].includes(type),
      );
      const { items, NextToken } = listPage(all, request, "Descending");
      return { MonitoringScheduleSummaries: items.map(summary), NextToken };
    }),
    operation(ListMonitoringExecutionsCommand, (request) => {
      const { items, NextToken } = listPage(executions(context, request), request, "Descending");
      return { MonitoringExecutionSummaries: items.map((one) => one.summary()), NextToken };
    }),
  ];
}

function create(context: Context, input: Checked<CreateMonitoringScheduleCommandInput>): MonitoringSchedule {
  const { MonitoringScheduleName: name, MonitoringScheduleConfig: config } = input;
  const { monitoringSchedules: schedules, tags } = context.store;
  const arn = sageMakerArn(context, "monitoring-schedule", name);
  if (schedules.has(name)) {
    throw new AwsError("ResourceInUse", `Monitoring schedule "${arn}" already exists.`);
  }
  const schedule = new MonitoringSchedule(name, arn, checked(context, config));
  tags.create(arn, input.Tags);
  schedules.set(name, schedule);
  settle(context, schedule, "Scheduled");
  return schedule;
}

function checked(context: Context, config: Checked<MonitoringScheduleConfig>): WatchSettings {
  const { MonitoringJobDefinitionName: jobDefinitionName, MonitoringType: type = "DataQuality" } = config;
  if (jobDefinitionName === undefined || config.MonitoringJobDefinition !== undefined) {
    throw notPartOfLocal("a monitoring schedule with a MonitoringJobDefinition of its own, and not one by its name");
  }
  if (type !== "DataQuality") {
    throw notPartOfLocal(`MonitoringType ${type}`);
  }
  const { frequencySeconds } = monitoringCron(config.ScheduleConfig?.ScheduleExpression);
  const { input, endpointName } = jobDefinitionNamed(context, jobDefinitionName);
  const { MaxRuntimeInSeconds: most = 0 } = input.StoppingCondition ?? {};
  // https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MonitoringStoppingCondition.html
  if (most > frequencySeconds) {
    throw invalid(
      `MaxRuntimeInSeconds must not exceed the frequency of the schedule, ${frequencySeconds} seconds, got ${most}`,
    );
  }
  return { config, jobDefinitionName, endpointName };
}

function scheduleNamed(context: Context, name: string): MonitoringSchedule {
  const schedule = context.store.monitoringSchedules.get(name);
  if (schedule === undefined) {
    const arn = sageMakerArn(context, "monitoring-schedule", name);
    throw new AwsError("ResourceNotFound", `Could not find monitoring schedule "${arn}".`);
  }
  return schedule;
}

/** https://github.com/aws/amazon-sagemaker-examples/issues/2342 shows the beginning of AWS's message, and no more. */
function atRest(context: Context, name: string, done: string): MonitoringSchedule {
  const schedule = scheduleNamed(context, name);
  if (schedule.status === "Pending") {
    throw invalid(`Monitoring schedule in status Pending cannot be ${done}: "${schedule.arn}"`);
  }
  return schedule;
}

function remove(context: Context, schedule: MonitoringSchedule): void {
  const { monitoringSchedules: schedules, tags } = context.store;
  if (executionsOf(context, schedule.name).some((one) => one.isUnderWay)) {
    throw invalid(`Monitoring schedule "${schedule.arn}" has an execution in progress and cannot be deleted.`);
  }
  schedule.callOff();
  schedule.isDeleted = true;
  context.local.clock.after(DELETION_SECONDS * 1000, () => {
    schedules.delete(schedule.name);
    tags.forget(schedule.arn);
  });
}

/** Those of a schedule that is there, in their order; of one that has had its name before, none. */
function executionsOf(context: Context, scheduleName: string) {
  const named = context.store.monitoringSchedules.get(scheduleName);
  return context.store.monitoringExecutions.filter(({ schedule }) => schedule === named);
}

/** Those that are asked for; deleted schedules' too. */
function executions(context: Context, request: Checked<ListMonitoringExecutionsCommandInput>) {
  const { ScheduledTimeAfter: after, ScheduledTimeBefore: before } = request;
  return context.store.monitoringExecutions.filter(
    ({ schedule, definition, window }) =>
      [schedule.name, undefined].includes(request.MonitoringScheduleName) &&
      [definition.endpointName, undefined].includes(request.EndpointName) &&
      [definition.name, undefined].includes(request.MonitoringJobDefinitionName) &&
      ["DataQuality", undefined].includes(request.MonitoringTypeEquals) &&
      (after === undefined || window.end > after) &&
      (before === undefined || window.end < before),
  );
}

function summary(schedule: MonitoringSchedule) {
  return {
    MonitoringScheduleName: schedule.name,
    MonitoringScheduleArn: schedule.arn,
    CreationTime: schedule.createdAt,
    LastModifiedTime: schedule.modifiedAt,
    MonitoringScheduleStatus: schedule.status,
    EndpointName: schedule.endpointName,
    MonitoringJobDefinitionName: schedule.jobDefinitionName,
    MonitoringType: "DataQuality" as const,
  };
}
