import type {
  ExecutionStatus,
  MonitoringExecutionSummary,
  MonitoringScheduleConfig,
  ScheduleStatus,
} from "@aws-sdk/client-sagemaker";
import type { Checked } from "../../core/operation";
import type { RunControl } from "../../core/run-control";
import type { DataQualityJobDefinition } from "./data-quality-job-definition";
import type { ProcessingJob } from "./processing-job";

/** How the analyzer's message begins where it has found violations: a job of such a message is told apart from other completed ones. */
const WITH_VIOLATIONS = "CompletedWithViolations";

/** What a schedule runs, and when. */
export interface WatchSettings {
  readonly config: Checked<MonitoringScheduleConfig>;
  readonly jobDefinitionName: string;
  readonly endpointName: string;
}

/** A monitoring schedule and where it stands. */
export class MonitoringSchedule {
  readonly createdAt = new Date();
  modifiedAt = this.createdAt;
  status: ScheduleStatus = "Pending";
  /** Whether it has been deleted, and SageMaker still tells of it for a moment. */
  isDeleted = false;
  /** Since when captures have not been looked at. */
  unseenSince = this.createdAt;
  /** Calls off what it waits for. */
  callOff: () => void = () => undefined;

  constructor(
    readonly name: string,
    readonly arn: string,
    /** Its configuration, and the endpoint that its job definition is about. */
    public settings: WatchSettings,
  ) {}

  get endpointName(): string {
    return this.settings.endpointName;
  }

  get jobDefinitionName(): string {
    return this.settings.jobDefinitionName;
  }

  enter(status: ScheduleStatus): void {
    this.status = status;
    this.modifiedAt = new Date();
  }
}

/** One run of a schedule: a processing job over what was captured from one time to another. */
export class MonitoringExecution {
  readonly createdAt = new Date();
  /** Absent until it is started. */
  job: ProcessingJob | undefined;
  /** Why there is no job. */
  failureReason: string | undefined;

  constructor(
    readonly schedule: MonitoringSchedule,
    readonly definition: DataQualityJobDefinition,
    /** The times between which requests were answered; the first belongs to it. */
    readonly window: { readonly start: Date; readonly end: Date },
    readonly control: RunControl,
  ) {}

  /** What lists sort by. */
  get name(): string {
    return `${this.schedule.name} ${this.createdAt.toISOString()}`;
  }

  get modifiedAt(): Date {
    return this.job?.modifiedAt ?? this.createdAt;
  }

  get status(): ExecutionStatus {
    if (this.failureReason !== undefined) {
      return "Failed";
    }
    if (this.job?.status === "Completed" && this.job.exitMessage?.startsWith(WITH_VIOLATIONS) === true) {
      return "CompletedWithViolations";
    }
    return this.job?.status ?? "Pending";
  }

  get isUnderWay(): boolean {
    return ["Pending", "InProgress", "Stopping"].includes(this.status);
  }

  summary(): MonitoringExecutionSummary {
    const { definition, job, schedule, status } = this;
    return {
      MonitoringScheduleName: schedule.name,
      ScheduledTime: this.window.end,
      CreationTime: this.createdAt,
      LastModifiedTime: this.modifiedAt,
      MonitoringExecutionStatus: status,
      ProcessingJobArn: job?.arn,
      EndpointName: definition.endpointName,
      FailureReason: this.failureReason ?? (status === "Failed" ? job?.failureReason : undefined),
      MonitoringJobDefinitionName: definition.name,
      MonitoringType: "DataQuality",
    };
  }
}
