import {
  CloudWatchLogsClient,
  GetLogEventsCommand,
  ResourceNotFoundException,
  type GetLogEventsCommandOutput,
} from "@aws-sdk/client-cloudwatch-logs";
import { BatchGetBuildsCommand, CodeBuildClient } from "@aws-sdk/client-codebuild";
import { setTimeout as sleep } from "node:timers/promises";
import type { AwsSettings } from "../support/context";

/** The beginning of CodeBuild's own log lines. */
const OF_CODEBUILD = "[Container]";
/** Enough to find the last lines of a command among CodeBuild's own. */
const LAST_LINES = 10;

/** How long a build's last lines may be on their way, and how often to look for them. */
const LATE_MS = 10_000;
const LOOK_EVERY_MS = 500;

type Page = Pick<GetLogEventsCommandOutput, "events" | "nextForwardToken">;

/** Logs of builds, as CloudWatch Logs has them. */
export class BuildLogs {
  private readonly builds: CodeBuildClient;
  private readonly logs: CloudWatchLogsClient;

  constructor(aws: AwsSettings) {
    this.builds = new CodeBuildClient(aws);
    this.logs = new CloudWatchLogsClient(aws);
  }

  /** The last output of the build's own commands; `undefined` if there is none yet. */
  async lastLine(buildId: string): Promise<string | undefined> {
    const place = await this.place(buildId);
    const command = new GetLogEventsCommand({ ...place, startFromHead: false, limit: LAST_LINES });
    const { events = [] } = await this.logs.send(command).catch(noEventsYet);
    return ownLines(events.map(({ message }) => message ?? "")).at(-1);
  }

  /** All of it. */
  async lines(buildId: string): Promise<readonly string[]> {
    const place = await this.place(buildId);
    const lines: string[] = [];
    let token: string | undefined;
    for (;;) {
      const command = new GetLogEventsCommand({ ...place, startFromHead: true, nextToken: token });
      const page: Page = await this.logs.send(command).catch(noEventsYet);
      lines.push(...(page.events ?? []).map(({ message }) => message ?? ""));
      if (page.nextForwardToken === token) {
        return lines;
      }
      token = page.nextForwardToken;
    }
  }

  /** All of it, of a build that has failed. What its programs complain of may arrive some seconds after its end. */
  async linesOfFailed(buildId: string): Promise<readonly string[]> {
    const deadline = Date.now() + LATE_MS;
    for (;;) {
      const lines = await this.lines(buildId);
      if (complaintOf(lines) !== undefined || Date.now() > deadline) {
        return lines;
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  private async place(buildId: string) {
    const { builds } = await this.builds.send(new BatchGetBuildsCommand({ ids: [buildId] }));
    const { groupName, streamName } = builds?.[0]?.logs ?? {};
    return { logGroupName: groupName, logStreamName: streamName ?? "" };
  }
}

/** Why a build has failed: the complaint of its programs at the end of its log; `undefined` if there is none. */
export function complaintOf(log: readonly string[]): string | undefined {
  const begin = log.findLastIndex((line) => line.startsWith("error: "));
  if (begin < 0) {
    return undefined;
  }
  const rest = log.slice(begin);
  const end = rest.findIndex((line) => line.startsWith(OF_CODEBUILD));
  return rest
    .slice(0, end < 0 ? undefined : end)
    .join("\n")
    .slice("error: ".length);
}

/** A build has no log before its first line. */
function noEventsYet(error: unknown): Page {
  if (error instanceof ResourceNotFoundException) {
    return {};
  }
  throw error;
}

const ownLines = (log: readonly string[]) => log.filter((line) => line !== "" && !line.startsWith(OF_CODEBUILD));
