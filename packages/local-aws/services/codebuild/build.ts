import type {
  Build as BuildInfo,
  BuildArtifacts,
  BuildPhase,
  BuildPhaseType,
  ExportedEnvironmentVariable,
  Project,
  StatusType,
} from "@aws-sdk/client-codebuild";
import { arn, type Account } from "../../core/account";
import { objectArn, type S3Object } from "./objects";

/** Where an artifact of a build goes. */
export interface ArtifactTarget {
  readonly identifier: string | undefined;
  readonly isSecondary: boolean;
  readonly object: S3Object;
  /** Of CodePipeline's bucket or, for one of type `S3`, the project's. */
  readonly encrypted: boolean;
  /** Whether the buildspec may name the object. */
  readonly overrideName: boolean;
}

/** What a build is to do; fixed when it is started. */
export interface BuildOrder {
  readonly id: string;
  readonly uuid: string;
  readonly number: number;
  /** The project with what was overridden for this build. */
  readonly project: Project & { readonly name: string };
  readonly initiator: string;
  /** Such as a commit's id. */
  readonly resolvedSourceVersion: string | undefined;
  readonly source: S3Object | undefined;
  readonly secondarySources: ReadonlyMap<string, S3Object>;
  readonly artifact: ArtifactTarget | undefined;
  readonly secondaryArtifacts: readonly ArtifactTarget[];
}

/** A build: what has become of it so far. */
export class Build {
  status: StatusType = "IN_PROGRESS";
  exportedVariables: ExportedEnvironmentVariable[] = [];
  uploaded: BuildArtifacts | undefined;
  secondaryUploaded: BuildArtifacts[] = [];
  private endTime: Date | undefined;
  private readonly phases: BuildPhase[] = [];

  constructor(
    readonly order: BuildOrder,
    readonly startTime: Date,
  ) {}

  get hasEnded(): boolean {
    return this.endTime !== undefined;
  }

  /** CloudWatch Logs' names; `undefined` if the project has logs turned off. */
  get log(): { readonly group: string; readonly stream: string } | undefined {
    const { cloudWatchLogs } = this.order.project.logsConfig ?? {};
    const { groupName = `/aws/codebuild/${this.order.project.name}`, streamName } = cloudWatchLogs ?? {};
    const stream = streamName === undefined ? this.order.uuid : `${streamName}/${this.order.uuid}`;
    return cloudWatchLogs?.status === "DISABLED" ? undefined : { group: groupName, stream };
  }

  beginPhase(phaseType: BuildPhaseType, now: Date): void {
    this.phases.push({ phaseType, startTime: now });
  }

  endPhase(phaseStatus: StatusType, now: Date, statusCode = "", message = ""): void {
    const phase = this.phases.at(-1);
    if (phase !== undefined) {
      phase.phaseStatus = phaseStatus;
      phase.endTime = now;
      phase.durationInSeconds = Math.round((now.getTime() - (phase.startTime ?? now).getTime()) / 1000);
      phase.contexts = [{ statusCode, message }];
    }
  }

  end(status: StatusType, now: Date): void {
    this.status = status;
    this.endTime = now;
    this.phases.push({ phaseType: "COMPLETED", startTime: now });
  }

  info(account: Account): BuildInfo {
    const { id, number, project, initiator, source, resolvedSourceVersion } = this.order;
    return {
      id,
      arn: arn(account, "codebuild", `build/${id}`),
      buildNumber: number,
      startTime: this.startTime,
      endTime: this.endTime,
      currentPhase: this.phases.at(-1)?.phaseType,
      buildStatus: this.status,
      sourceVersion: source === undefined ? undefined : objectArn(source),
      resolvedSourceVersion,
      projectName: project.name,
      phases: this.phases.map((phase) => ({ ...phase })),
      source: project.source,
      secondarySources: [],
      secondarySourceVersions: [],
      artifacts: this.uploaded ?? {},
      secondaryArtifacts: this.secondaryUploaded,
      cache: project.cache,
      environment: project.environment,
      serviceRole: project.serviceRole,
      logs: this.logsLocation(account),
      timeoutInMinutes: project.timeoutInMinutes,
      queuedTimeoutInMinutes: project.queuedTimeoutInMinutes,
      buildComplete: this.hasEnded,
      initiator,
      encryptionKey: project.encryptionKey,
      exportedEnvironmentVariables: this.exportedVariables,
    };
  }

  private logsLocation(account: Account): BuildInfo["logs"] {
    const { log } = this;
    if (log === undefined) {
      return { cloudWatchLogs: { status: "DISABLED" } };
    }
    const console = `https://console.aws.amazon.com/cloudwatch/home?region=${account.region}`;
    return {
      groupName: log.group,
      streamName: log.stream,
      deepLink: `${console}#logsV2:log-groups/log-group/${encodeURIComponent(log.group)}/log-events/${encodeURIComponent(log.stream)}`,
      cloudWatchLogsArn: arn(account, "logs", `log-group:${log.group}:log-stream:${log.stream}`),
      cloudWatchLogs: { status: "ENABLED", groupName: log.group, streamName: log.stream },
    };
  }
}
