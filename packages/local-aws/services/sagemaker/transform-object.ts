import { NoAnswer, type ServingContainer } from "./serving-container";
import type { TransformJob, TransformJobInput } from "./transform-job";
import { filterInput, joinOutput, kindOf, payloads, RecordFailure, type Reading } from "./transform-records";

const MEGABYTE = 1024 * 1024;

/** How a job asks its model. */
export interface TransformSettings {
  readonly concurrent: number;
  readonly megabytes: number;
  /** As containers are told it. */
  readonly strategy: "SINGLE_RECORD" | "MULTI_RECORD";
}

/** With AWS's defaults, for a container that says nothing of its own at `/execution-parameters`. */
export function transformSettings(input: TransformJobInput): TransformSettings {
  return {
    concurrent: input.MaxConcurrentTransforms || 1,
    megabytes: input.MaxPayloadInMB ?? 6,
    strategy: input.BatchStrategy === "SingleRecord" ? "SINGLE_RECORD" : "MULTI_RECORD",
  };
}

/** An object that could not be transformed, by the model's doing or by its data's; the message is for the job's log. */
export class ObjectFailure extends Error {
  override readonly name = "ObjectFailure";

  constructor(
    readonly blames: "AlgorithmError" | "ClientError",
    message: string,
  ) {
    super(message);
  }
}

/**
 * What becomes of an object: the model's answers to its payloads, in their order, as the job puts them together.
 *
 * @throws ObjectFailure if a single payload fails; RunStopped if the job is to end
 */
export async function transformed(object: Buffer, job: TransformJob, container: ServingContainer): Promise<Buffer> {
  const { TransformInput: from, TransformOutput: to } = job.input;
  const { concurrent, megabytes, strategy } = transformSettings(job.input);
  const cutting = {
    bySplit: from.SplitType === "Line" ? "Line" : "None",
    singly: strategy === "SINGLE_RECORD",
    mostBytes: megabytes * MEGABYTE,
  } as const;
  try {
    const parts = payloads(object, cutting);
    const outputs: Buffer[] = [];
    for (let done = 0; done < parts.length; done += concurrent) {
      job.control.check();
      const next = parts.slice(done, done + concurrent);
      outputs.push(...(await Promise.all(next.map((payload) => answered(payload, job, container)))));
    }
    return to.AssembleWith === "Line" ? Buffer.concat(outputs.map(withNewline)) : Buffer.concat(outputs);
  } catch (error) {
    throw error instanceof RecordFailure ? new ObjectFailure("ClientError", error.message) : error;
  }
}

const withNewline = (output: Buffer) => (output.at(-1) === 10 ? output : Buffer.concat([output, Buffer.from("\n")]));

async function answered(payload: Buffer, job: TransformJob, container: ServingContainer): Promise<Buffer> {
  const { inputFilter, outputFilter, joins } = job.processing;
  const { ContentType: contentType } = job.input.TransformInput;
  const accept = job.input.TransformOutput.Accept;
  const read = readingOf(contentType, job);
  const text = () => payload.toString("utf8");
  const body =
    read === undefined || inputFilter.length === 0 ? payload : Buffer.from(filterInput(text(), job.processing, read));
  const answer = await ask(container, body, { "Content-Type": contentType, Accept: accept });
  const written = readingOf(accept ?? contentType, job);
  return written === undefined || (outputFilter.length === 0 && !joins)
    ? answer
    : Buffer.from(joinOutput(text(), answer.toString("utf8"), job.processing, written));
}

/** A line of a file that is split by lines is a record, and so is one of CSV and of JSON Lines. */
function readingOf(contentType: string | undefined, { input }: TransformJob): Reading | undefined {
  const kind = kindOf(contentType);
  const isDocument = contentType?.startsWith("application/json") === true && !contentType.includes("jsonlines");
  return kind && { kind, byLine: !isDocument || input.TransformInput.SplitType === "Line" };
}

async function ask(
  container: ServingContainer,
  body: Buffer,
  headers: Readonly<Record<string, string | undefined>>,
): Promise<Buffer> {
  const given = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  try {
    const answer = await container.invoke({ body, headers: Object.fromEntries(given) });
    const said = Buffer.from(answer.body);
    if (answer.status >= 200 && answer.status <= 299) {
      return said;
    }
    const isRefusal = answer.status >= 400 && answer.status <= 499;
    const what = isRefusal
      ? `ClientError: ${answer.status}`
      : `Bad HTTP status received from algorithm: ${answer.status}`;
    throw new ObjectFailure(
      isRefusal ? "ClientError" : "AlgorithmError",
      `${what}\n\nMessage:\n${said.toString("utf8")}`,
    );
  } catch (error) {
    throw error instanceof NoAnswer
      ? new ObjectFailure("AlgorithmError", "Unable to get response from algorithm")
      : error;
  }
}
