import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
} from "@aws-sdk/client-cloudwatch-logs";
import type { Account } from "../../core/account";
import { messageOf } from "../../core/failure";
import { clientConfig, type LogSink, type MetricSink, type Reach } from "../../core/local";
import { metricsOfLine } from "./emf";

export interface CloudWatchLogsOptions {
  /** Where metrics in the embedded metric format go. */
  readonly metrics: MetricSink;
  /** Where CloudWatch Logs is kept. */
  readonly forward: Reach & { readonly account: Account };
}

interface LogEvent {
  readonly timestamp: number;
  readonly message: string;
}

interface Stream {
  readonly group: string;
  readonly name: string;
  readonly mayMakeGroup?: () => Promise<boolean>;
  exists: boolean;
  events: LogEvent[];
}

/** Lines that wait to be forwarded, of all streams. Above that the oldest are dropped, so that a log never takes the memory. */
const MAX_WAITING_LINES = 50_000;
/** Bounds of one `PutLogEvents`; AWS allows 10,000 events and 1 MiB, where each event counts 26 bytes more. */
const MAX_BATCH_LINES = 5000;
const MAX_BATCH_BYTES = 1_000_000;
const EVENT_OVERHEAD_BYTES = 26;

/**
 * Where the output of functions and containers goes: metrics in the embedded metric format are read out of it at once, and all lines
 * are forwarded to CloudWatch Logs in the background. Writing never waits and never fails; the first failure to forward is told on
 * stderr, later ones are not until forwarding has worked again.
 *
 * @returns the sink; `flush` waits until what was written so far is forwarded or has failed
 */
export function cloudWatchLogs(options: CloudWatchLogsOptions): LogSink & { flush(): Promise<void> } {
  const forwarder = new Forwarder(new CloudWatchLogsClient({ ...clientConfig(options.forward), maxAttempts: 2 }));
  return {
    write(logGroup, logStream, lines, mayMakeGroup) {
      const values = lines.flatMap(metricsOfLine);
      if (values.length > 0) {
        options.metrics.put(values);
      }
      forwarder.add({ group: logGroup, name: logStream, mayMakeGroup }, lines);
    },
    flush: () => forwarder.flush(),
  };
}

class Forwarder {
  private readonly streams = new Map<string, Stream>();
  private readonly groups = new Set<string>();
  private waiting = 0;
  private running: Promise<void> | undefined;
  private failing = false;
  private overflowTold = false;

  constructor(private readonly client: CloudWatchLogsClient) {}

  add(to: Pick<Stream, "group" | "name" | "mayMakeGroup">, lines: readonly string[]): void {
    const timestamp = Date.now();
    // CloudWatch Logs refuses empty events.
    const events = lines.filter((line) => line !== "").map((message) => ({ timestamp, message }));
    const key = JSON.stringify([to.group, to.name]);
    const stream = this.streams.get(key) ?? { ...to, exists: false, events: [] };
    this.streams.set(key, stream);
    stream.events.push(...events);
    this.waiting += events.length;
    this.dropOldest();
    // The next tick gathers the lines that come at once into one call.
    this.running ??= new Promise<void>((resolve) => setImmediate(resolve))
      .then(() => this.forwardAll())
      .finally(() => (this.running = undefined));
  }

  async flush(): Promise<void> {
    while (this.running !== undefined) {
      await this.running;
    }
  }

  private dropOldest(): void {
    for (const stream of this.streams.values()) {
      if (this.waiting <= MAX_WAITING_LINES) {
        return;
      }
      const dropped = stream.events.splice(0, this.waiting - MAX_WAITING_LINES).length;
      this.waiting -= dropped;
      if (!this.overflowTold) {
        console.error(
          `local AWS: ${MAX_WAITING_LINES} log lines wait to be forwarded to CloudWatch Logs: the oldest are dropped`,
        );
      }
      this.overflowTold = true;
    }
  }

  private async forwardAll(): Promise<void> {
    for (let stream = this.next(); stream !== undefined; stream = this.next()) {
      const batch = takeBatch(stream.events);
      this.waiting -= batch.length;
      try {
        if (!(await this.ensureExists(stream))) {
          continue; // As on AWS: whoever writes may not make the group, and nobody else has yet.
        }
        await this.client.send(
          new PutLogEventsCommand({ logGroupName: stream.group, logStreamName: stream.name, logEvents: batch }),
        );
        this.failing = false;
      } catch (error) {
        // Somebody may have deleted the group or the stream; the next batch creates them anew.
        stream.exists = false;
        this.groups.delete(stream.group);
        this.tell(`log lines of ${stream.group} could not be forwarded to CloudWatch Logs: ${messageOf(error)}`);
      }
    }
  }

  private next(): Stream | undefined {
    return [...this.streams.values()].find(({ events }) => events.length > 0);
  }

  /** Whether the stream is there now. */
  private async ensureExists(stream: Stream): Promise<boolean> {
    const { group: logGroupName, name: logStreamName, mayMakeGroup } = stream;
    if (stream.exists) {
      return true;
    }
    const makeStream = () =>
      unlessItExists(this.client.send(new CreateLogStreamCommand({ logGroupName, logStreamName })));
    if (mayMakeGroup === undefined && !this.groups.has(logGroupName)) {
      await unlessItExists(this.client.send(new CreateLogGroupCommand({ logGroupName })));
      this.groups.add(logGroupName);
    }
    try {
      await makeStream();
    } catch (error) {
      if (mayMakeGroup === undefined || !(error instanceof ResourceNotFoundException)) {
        throw error;
      }
      if (!(await mayMakeGroup())) {
        return false;
      }
      await unlessItExists(this.client.send(new CreateLogGroupCommand({ logGroupName })));
      await makeStream();
    }
    stream.exists = true;
    return true;
  }

  private tell(trouble: string): void {
    if (!this.failing) {
      console.error(`local AWS: ${trouble}`);
    }
    this.failing = true;
  }
}

async function unlessItExists(creation: Promise<unknown>): Promise<void> {
  try {
    await creation;
  } catch (error) {
    if (!(error instanceof ResourceAlreadyExistsException)) {
      throw error;
    }
  }
}

/** Takes the first events off the list, as many as one call may carry. */
function takeBatch(events: LogEvent[]): LogEvent[] {
  let bytes = 0;
  let count = 0;
  for (const { message } of events.slice(0, MAX_BATCH_LINES)) {
    bytes += Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES;
    if (count > 0 && bytes > MAX_BATCH_BYTES) {
      break;
    }
    count += 1;
  }
  return events.splice(0, count);
}
