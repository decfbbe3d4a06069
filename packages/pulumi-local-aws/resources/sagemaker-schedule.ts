import {
  CreateMonitoringScheduleCommand,
  DeleteMonitoringScheduleCommand,
  DescribeMonitoringScheduleCommand,
  MonitoringType,
  UpdateMonitoringScheduleCommand,
} from "@aws-sdk/client-sagemaker";
import type { Aws, Patience } from "../aws";
import { unlessGone } from "../failures";
import { block, oneOf, text } from "../kinds";
import { type Arguments, autoNamed, optional, required } from "../properties";
import { resource } from "../resource";
import { tagList, tagsArgument } from "../tags";
import { SAGEMAKER_NAME, isGone, sageMaker, sageMakerTagging, sageMakerTags } from "./sagemaker";

const scheduleArguments = {
  name: autoNamed(text, SAGEMAKER_NAME),
  monitoringScheduleConfig: required(
    block({
      monitoringJobDefinitionName: optional(text),
      monitoringType: required(oneOf(MonitoringType)),
      scheduleConfig: optional(block({ scheduleExpression: required(text) })),
    }),
  ),
  tags: tagsArgument,
};

const monitoringSchedule = resource({
  type: "aws:sagemaker/monitoringSchedule:MonitoringSchedule",
  inputs: scheduleArguments,
  outputs: ["arn"],
  identity: ["name"],
  tagging: sageMakerTagging,
  async create({ aws, inputs, tags }) {
    const request = { ...scheduleRequest(inputs), Tags: tagList(tags) };
    await sageMaker(aws).send(new CreateMonitoringScheduleCommand(request));
    return inputs.name;
  },
  async settle({ aws, id, patience }) {
    await scheduled(aws, id, patience);
  },
  async read({ aws, id }) {
    const found = await describe(aws, id);
    const config = found?.MonitoringScheduleConfig;
    return (
      found && {
        inputs: {
          name: found.MonitoringScheduleName,
          monitoringScheduleConfig: {
            monitoringJobDefinitionName: config?.MonitoringJobDefinitionName,
            monitoringType: config?.MonitoringType,
            scheduleConfig: config?.ScheduleConfig && { scheduleExpression: config.ScheduleConfig.ScheduleExpression },
          },
        },
        outputs: { arn: found.MonitoringScheduleArn },
        tags: await sageMakerTags(aws, found.MonitoringScheduleArn),
      }
    );
  },
  async update({ aws, id, inputs, patience }) {
    await sageMaker(aws).send(new UpdateMonitoringScheduleCommand(scheduleRequest(inputs)));
    await scheduled(aws, id, patience);
  },
  async delete({ aws, id, patience }) {
    // SageMaker refuses it while an execution is in progress. The AWS provider does not try that again.
    const request = new DeleteMonitoringScheduleCommand({ MonitoringScheduleName: id });
    await unlessGone(isGone, () => sageMaker(aws).send(request));
    await aws.until(`monitoring schedule ${id} to be gone`, patience, async () =>
      (await describe(aws, id)) === undefined ? true : undefined,
    );
  },
});

function scheduleRequest({ name, monitoringScheduleConfig: config }: Arguments<typeof scheduleArguments>) {
  return {
    MonitoringScheduleName: name,
    MonitoringScheduleConfig: {
      MonitoringJobDefinitionName: config.monitoringJobDefinitionName,
      MonitoringType: config.monitoringType,
      ScheduleConfig: config.scheduleConfig && { ScheduleExpression: config.scheduleConfig.scheduleExpression },
    },
  };
}

function describe(aws: Aws, MonitoringScheduleName: string) {
  return unlessGone(isGone, () =>
    sageMaker(aws).send(new DescribeMonitoringScheduleCommand({ MonitoringScheduleName })),
  );
}

/** Waits until the schedule is scheduled, as the AWS provider does: one that somebody has stopped never will be. */
function scheduled(aws: Aws, id: string, patience: Patience) {
  return aws.until(`monitoring schedule ${id} to be Scheduled`, patience, async () => {
    const schedule = await describe(aws, id);
    if (schedule?.MonitoringScheduleStatus === "Failed") {
      throw new Error(`monitoring schedule ${id} failed: ${schedule.FailureReason ?? "no reason given"}`);
    }
    return schedule?.MonitoringScheduleStatus === "Scheduled" ? schedule : undefined;
  });
}

export const resources = [monitoringSchedule];
