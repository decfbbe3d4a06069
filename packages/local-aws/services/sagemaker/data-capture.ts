import { randomUUID } from "node:crypto";
import type { DataCaptureConfig } from "@aws-sdk/client-sagemaker";
import type { Clock } from "../../core/clock";
import { messageOf } from "../../core/failure";
import type { Checked } from "../../core/operation";
import { below, type ObjectStore } from "./object-store";

/** One answered invocation. */
export interface Invocation {
  readonly variantName: string;
  readonly time: Date;
  readonly input: CapturedBody;
  readonly output: CapturedBody;
  readonly inferenceId: string | undefined;
  readonly customAttributes: string | undefined;
}

interface CapturedBody {
  readonly contentType: string;
  readonly body: Uint8Array;
}

type Encoding = "CSV" | "JSON" | "BASE64";
type CaptureConfig = Checked<DataCaptureConfig>;

/** AWS seconds after which buffered records are written; AWS promises no figure, about a minute is usual. */
const FLUSH_SECONDS = 60;
/** Records kept while S3 does not take them; the oldest go first. */
const MAX_BUFFERED = 10_000;

/**
 * The captured traffic of an endpoint, written to S3 where AWS writes it and in AWS's form:
 * https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
 */
export class DataCapture {
  private buffered: Invocation[] = [];
  private lost = 0;
  /** The write under way: closing must not overtake it. */
  private writing = Promise.resolve();
  private readonly endFlushing: () => void;

  constructor(
    private readonly endpointName: string,
    private readonly config: CaptureConfig,
    private readonly objects: ObjectStore,
    clock: Clock,
    private readonly onTrouble: (message: string) => void,
  ) {
    this.endFlushing = clock.every(FLUSH_SECONDS * 1000, () => this.flush());
  }

  /** Takes an invocation, or passes it over as the sampling percentage says. */
  record(invocation: Invocation): void {
    if (Math.random() * 100 < this.config.InitialSamplingPercentage) {
      this.buffered.push(invocation);
    }
  }

  /** Passes an invocation over because a fault was ordered; the next flush says so. */
  lose(): void {
    this.lost += 1;
  }

  /** Writes what is buffered: one object for each variant and hour. */
  flush(): Promise<void> {
    this.writing = this.writing.then(() => this.write());
    return this.writing;
  }

  /** Writes what is left and ends. */
  async close(): Promise<void> {
    this.endFlushing();
    await this.flush();
  }

  private async write(): Promise<void> {
    const batch = this.buffered;
    this.buffered = [];
    if (this.lost > 0) {
      this.onTrouble(`${this.lost} captured records were lost: a fault was ordered for this endpoint`);
      this.lost = 0;
    }
    for (const [prefix, invocations] of byPlace(this.endpointName, batch)) {
      const lines = invocations.map((invocation) => `${JSON.stringify(captureRecord(this.config, invocation))}\n`);
      const uri = below(this.config.DestinationS3Uri, `${prefix}/${objectName(invocations)}`);
      try {
        await this.objects.uploadText(lines.join(""), uri, this.config.KmsKeyId);
      } catch (error) {
        this.onTrouble(`captured data could not be written to ${uri}: ${messageOf(error)}`);
        this.buffered = [...invocations, ...this.buffered].slice(-MAX_BUFFERED);
      }
    }
  }
}

/** `<endpoint>/<variant>/yyyy/mm/dd/hh` of each invocation, in UTC. */
function byPlace(endpointName: string, invocations: readonly Invocation[]): ReadonlyMap<string, readonly Invocation[]> {
  const places = new Map<string, Invocation[]>();
  for (const invocation of invocations) {
    const hour = invocation.time.toISOString().slice(0, 13).replaceAll(/[-T]/g, "/");
    const place = `${endpointName}/${invocation.variantName}/${hour}`;
    places.set(place, [...(places.get(place) ?? []), invocation]);
  }
  return places;
}

/** `MM-SS-mmm-<uuid>.jsonl` by the time of the first record. */
function objectName([first]: readonly Invocation[]): string {
  const time = (first?.time ?? new Date()).toISOString();
  return `${time.slice(14, 23).replaceAll(/[:.]/g, "-")}-${randomUUID()}.jsonl`;
}

/** One line of a capture file. */
function captureRecord(config: CaptureConfig, invocation: Invocation) {
  const modes = new Set(config.CaptureOptions.map((option) => option.CaptureMode));
  const both = modes.has("InputAndOutput");
  return {
    captureData: {
      ...(both || modes.has("Input") ? { endpointInput: captured(config, "INPUT", invocation.input) } : {}),
      ...(both || modes.has("Output") ? { endpointOutput: captured(config, "OUTPUT", invocation.output) } : {}),
    },
    eventMetadata: {
      eventId: randomUUID(),
      ...(invocation.inferenceId === undefined ? {} : { inferenceId: invocation.inferenceId }),
      ...(invocation.customAttributes === undefined ? {} : { customAttributes: [invocation.customAttributes] }),
      inferenceTime: invocation.time.toISOString().replace(/\.\d+Z$/, "Z"),
    },
    eventVersion: "0",
  };
}

function captured(config: CaptureConfig, mode: "INPUT" | "OUTPUT", { contentType, body }: CapturedBody) {
  const encoding = encodingOf(config, contentType);
  return {
    observedContentType: contentType,
    mode,
    data: Buffer.from(body).toString(encoding === "BASE64" ? "base64" : "utf8"),
    encoding,
  };
}

/** Content types that the config does not name are captured in base64. */
function encodingOf(config: CaptureConfig, contentType: string): Encoding {
  const { CsvContentTypes: csv = [], JsonContentTypes: json = [] } = config.CaptureContentTypeHeader ?? {};
  const observed = mediaType(contentType);
  const among = (types: readonly string[]) => types.some((type) => mediaType(type) === observed);
  return among(csv) ? "CSV" : among(json) ? "JSON" : "BASE64";
}

const mediaType = (contentType: string) => (contentType.split(";")[0] ?? "").trim().toLowerCase();
