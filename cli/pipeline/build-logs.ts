import {
  CloudWatchLogsClient,
  GetLogEventsCommand,
  ResourceNotFoundException,
  type GetLogEventsCommandInput,
  type GetLogEventsCommandOutput,
  type OutputLogEvent,
} from "@aws-sdk/client-cloudwatch-logs";
import { BatchGetBuildsCommand, CodeBuildClient, type Build } from "@aws-sdk/client-codebuild";
import { setTimeout as sleep } from "node:timers/promises";
import type { AwsSettings } from "../support/context";

/** The beginning of CodeBuild's own log lines. */
const OF_CODEBUILD = "[Container]";
/** Enough to find the last lines of a command among CodeBuild's own. */
const LAST_LINES = 10;

/** How long a build's last lines may be on their way, and how often to look for them. */
const LATE_MS = 10_000;
const LOOK_EVERY_MS = 500;

type Place = Required<Pick<GetLogEventsCommandInput, "logGroupName" | "logStreamName">>;
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
    const { events = [] } = await this.page(await this.place(buildId), { startFromHead: false, limit: LAST_LINES });
    return ownLines(events.map(textOf)).at(-1);
  }

  /** All of it; nothing if there is none yet or any more. */
  async lines(buildId: string): Promise<readonly string[]> {
    const place = await this.place(buildId);
    const lines: string[] = [];
    let token: string | undefined;
    for (;;) {
      const page = await this.page(place, { startFromHead: true, nextToken: token });
      lines.push(...(page.events ?? []).map(textOf));
      if (page.nextForwardToken === token) {
        return lines;
      }
      token = page.nextForwardToken;
    }
  }

  /** All of it, of a build that has failed. What its programs complain of may arrive some seconds after its end. */
  async linesOfFailed(buildId: string): Promise<readonly string[]> {
    const deadline = Date.now() + LATE_MS;
    const build = await this.build(buildId);
    const isLongAgo = build === undefined || (build.endTime?.getTime() ?? Infinity) + LATE_MS < Date.now();
    for (;;) {
      const lines = await this.lines(buildId);
      if (isLongAgo || complaintOf(lines) !== undefined || Date.now() > deadline) {
        return lines;
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** `undefined` once CodeBuild has forgotten it. */
  private async build(buildId: string): Promise<Build | undefined> {
    return (await this.builds.send(new BatchGetBuildsCommand({ ids: [buildId] }))).builds?.[0];
  }

  /** A build that waits for a machine has no log yet. */
  private async place(buildId: string): Promise<Place | undefined> {
    const { groupName: logGroupName, streamName: logStreamName } = (await this.build(buildId))?.logs ?? {};
    return logGroupName === undefined || logStreamName === undefined ? undefined : { logGroupName, logStreamName };
  }

  private async page(place: Place | undefined, which: Omit<GetLogEventsCommandInput, "logStreamName">): Promise<Page> {
    return place === undefined
      ? {}
      : this.logs.send(new GetLogEventsCommand({ ...which, ...place })).catch(unlessMissing);
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

/** A build has no log before its first line, nor once CloudWatch Logs has kept it long enough. */
function unlessMissing(error: unknown): Page {
  if (error instanceof ResourceNotFoundException) {
    return {};
  }
  throw error;
}

/** CodeBuild writes each line with its end. */
const textOf = ({ message = "" }: OutputLogEvent) => message.trimEnd();

const ownLines = (log: readonly string[]) => log.filter((line) => line !== "" && !line.startsWith(OF_CODEBUILD));
