import {
  DescribeMonitoringScheduleCommand,
  ListMonitoringExecutionsCommand,
  StartMonitoringScheduleCommand,
  StopMonitoringScheduleCommand,
  StopProcessingJobCommand,
  type MonitoringExecutionSummary,
  type SageMakerClient,
  type ScheduleStatus,
} from "@aws-sdk/client-sagemaker";
import { z } from "zod";
import { answered, type Caller } from "./support/aws";
import { sageMakerIn } from "./support/endpoint";
import { changed, problems, region } from "./support/inputs";
import { explaining, type Provider } from "./support/provider";
import { Waiter, type Timing } from "./support/waiter";

/** Which monitoring schedule runs while the resource is there, and stands still once it is deleted. */
export interface MonitoringStopInputs extends Timing {
  region: string;
  scheduleName: string;
}

/** An execution may wait 20 minutes for its job, and SageMaker stops a job in two. */
const DEFAULTS: Timing = { pollSeconds: 3, timeoutSeconds: 1800 };
/** Newest executions among which those under way are: there is one an hour at most. */
const LOOKED_AT = 10;

const schema = z.strictObject({
  region: region(),
  scheduleName: z.string().min(1),
  pollSeconds: z.number().positive(),
  timeoutSeconds: z.number().positive(),
});

const behaviour: Provider<MonitoringStopInputs, MonitoringStopInputs> = {
  async check(_olds, news) {
    const inputs = { ...DEFAULTS, ...news };
    return { inputs, failures: problems(schema, inputs) };
  },

  async diff(_id, olds, news) {
    const replaces = changed(["region", "scheduleName"], olds, news);
    return { changes: replaces.length > 0, replaces };
  },

  // An update that was interrupted may have stopped it, and then it was wanted again.
  async create(inputs) {
    const schedule = new Schedule(inputs);
    if ((await schedule.status()) === "Stopped") {
      await schedule.start();
    }
    return { id: inputs.scheduleName, outs: inputs };
  },

  async read(id, props) {
    return { id, props };
  },

  async update(_id, _olds, news) {
    return { outs: news };
  },

  async delete(_id, props) {
    await new Schedule(props).standStill();
  },
};

/** Behaviour of `MonitoringScheduleStop`. */
export const monitoringScheduleStop = explaining(behaviour);

/** Where a schedule stands, and which of its executions are under way. */
interface Seen {
  readonly status: ScheduleStatus | undefined;
  readonly underWay: readonly MonitoringExecutionSummary[];
}

class Schedule {
  private readonly sageMaker: Caller<SageMakerClient>;
  private readonly waiter: Waiter;

  constructor(private readonly inputs: MonitoringStopInputs) {
    this.sageMaker = sageMakerIn(inputs.region);
    this.waiter = new Waiter(`monitoring schedule ${inputs.scheduleName}`, inputs);
  }

  status(): Promise<ScheduleStatus | undefined> {
    return this.waiter.call(() => this.look());
  }

  async start(): Promise<void> {
    const MonitoringScheduleName = this.inputs.scheduleName;
    await this.waiter.call(() =>
      this.sageMaker((client) => client.send(new StartMonitoringScheduleCommand({ MonitoringScheduleName }))),
    );
    this.waiter.tell("it was stopped, and is started again");
  }

  /** Stops the schedule and what it runs, and waits until nothing runs any more. SageMaker deletes no schedule before. */
  async standStill(): Promise<void> {
    const { scheduleName, timeoutSeconds } = this.inputs;
    const followed = await this.waiter.follow<Seen>({
      look: async () => {
        const seen = { status: await this.look(), underWay: await this.executionsUnderWay() };
        await this.stop(seen);
        return seen;
      },
      settled: ({ status, underWay }) =>
        status === undefined || (status !== "Scheduled" && status !== "Pending" && underWay.length === 0),
      lines: ({ underWay }) => underWay.map((one) => `its run of ${one.ScheduledTime?.toISOString()} is stopped`),
    });
    if (!followed.settled) {
      throw new Error(
        `monitoring schedule ${scheduleName} still runs after timeoutSeconds (${timeoutSeconds}): run pulumi up again`,
      );
    }
  }

  private async stop({ status, underWay }: Seen): Promise<void> {
    const MonitoringScheduleName = this.inputs.scheduleName;
    if (status === "Scheduled") {
      await this.sageMaker((client) => client.send(new StopMonitoringScheduleCommand({ MonitoringScheduleName })));
    }
    for (const { MonitoringExecutionStatus, ProcessingJobArn = "" } of underWay) {
      const ProcessingJobName = ProcessingJobArn.split("/").at(-1);
      if (MonitoringExecutionStatus === "InProgress" && ProcessingJobName !== undefined) {
        await this.sageMaker((client) => client.send(new StopProcessingJobCommand({ ProcessingJobName }))).catch(
          unlessEnded,
        );
      }
    }
  }

  private async look(): Promise<ScheduleStatus | undefined> {
    const MonitoringScheduleName = this.inputs.scheduleName;
    try {
      const found = await this.sageMaker((client) =>
        client.send(new DescribeMonitoringScheduleCommand({ MonitoringScheduleName })),
      );
      return found.MonitoringScheduleStatus;
    } catch (error) {
      if (answered(error, "ResourceNotFound")) {
        return undefined;
      }
      throw error;
    }
  }

  private async executionsUnderWay(): Promise<MonitoringExecutionSummary[]> {
    const request = new ListMonitoringExecutionsCommand({
      MonitoringScheduleName: this.inputs.scheduleName,
      SortBy: "CreationTime",
      SortOrder: "Descending",
      MaxResults: LOOKED_AT,
    });
    const { MonitoringExecutionSummaries: found = [] } = await this.sageMaker((client) => client.send(request));
    return found.filter(({ MonitoringExecutionStatus: status }) =>
      ["Pending", "InProgress", "Stopping"].includes(status ?? ""),
    );
  }
}

/** It may have ended between the look and the call. */
function unlessEnded(error: unknown): void {
  if (!(error instanceof Error && /is in status/i.test(error.message))) {
    throw error;
  }
}
