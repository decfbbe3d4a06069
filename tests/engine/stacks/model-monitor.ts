import {
  ListMonitoringExecutionsCommand,
  ListMonitoringSchedulesCommand,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { clientConfig } from "local-aws/core/local";
import type { LocalProject } from "../../support/local-project";
import { eventually } from "../../support/pipeline-executions";

const MonitoringScheduleName = "mlops-nyctaxi-pms-r1";

/** Expects Model Monitor to have looked at what callers, of whom the canary is one, have sent to the release. */
export async function hasLookedForDrift({ aws }: LocalProject): Promise<void> {
  const sageMaker = new SageMakerClient(clientConfig(aws));
  const all = await eventually(
    async () => {
      const { MonitoringExecutionSummaries: found = [] } = await sageMaker.send(
        new ListMonitoringExecutionsCommand({ MonitoringScheduleName, MaxResults: 100 }),
      );
      return found.map(({ MonitoringExecutionStatus, FailureReason }) => FailureReason ?? MonitoringExecutionStatus);
    },
    (statuses) => statuses.some((status) => status?.startsWith("Completed")),
  );
  expect(all.filter((status) => status?.startsWith("Completed"))).not.to.deep.equal([]);
}

/** Names of the schedules of Model Monitor. */
export async function schedulesIn({ aws }: LocalProject): Promise<(string | undefined)[]> {
  const { MonitoringScheduleSummaries = [] } = await new SageMakerClient(clientConfig(aws)).send(
    new ListMonitoringSchedulesCommand({}),
  );
  return MonitoringScheduleSummaries.map(({ MonitoringScheduleName: name }) => name);
}
