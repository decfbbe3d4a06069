import { randomUUID } from "node:crypto";
import { DescribeEndpointCommand, DescribeEndpointConfigCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { probeInferenceId, VARIABLES, type KnownBody } from "../lib/contract";
import { acceptedAnswer } from "../lib/model-format-rules";
import { inWords } from "./answers";
import { invokeModel, type ModelBody } from "./endpoint";
import { bodyOfRows, firstWrong, understood } from "./exchange";
import { lifecycleHook } from "./hook";
import { askOwnHook } from "./own-hook";
import { parseRows } from "./rows";
import { SageMakerRuntime } from "./sagemaker-runtime";
import { booleanSetting, knownRequests, modelFormat, setting, type ModelFormat } from "./settings";

// Throttling and similar errors are retried. A wrong answer is not.
const sagemaker = new SageMakerClient({ maxAttempts: 5, requestHandler: { connectionTimeout: 1000 } });
const runtime = new SageMakerRuntime(5);

/**
 * Checks before any traffic that the endpoint is in service, captures its traffic (if `REQUIRE_CAPTURE` says so), and answers each known
 * request sanely. Rows are sent in one request, all marked as probes. They are captured too, so `post-traffic` finds a capture even if
 * nobody calls the API. At last a hook of the program's own is asked, if there is one.
 */
export const handler = lifecycleHook(async (signal) => {
  const endpointName = setting(VARIABLES.endpointName);
  const format = modelFormat();
  const known = knownRequests();
  const state = await inService(endpointName, booleanSetting(VARIABLES.requireCapture), signal);
  const answers: string[] = [];
  for (const one of known) {
    answers.push(...(await saneAnswers(endpointName, one, format, signal)));
  }
  return [`endpoint ${endpointName} ${state} and ${told(answers, format)}`, ...(await askOwnHook(signal))].join("; ");
});

/**
 * States in which an endpoint answers. An endpoint also counts as being updated while instances are added or removed. That happens when the
 * API goes back to a release that was kept warm.
 */
const SERVING: readonly string[] = ["InService", "Updating", "SystemUpdating"];

async function inService(endpointName: string, requireCapture: boolean, abortSignal: AbortSignal): Promise<string> {
  const endpoint = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: endpointName }), { abortSignal });
  if (!SERVING.includes(endpoint.EndpointStatus ?? "")) {
    const why = endpoint.FailureReason === undefined ? "" : `: ${endpoint.FailureReason}`;
    throw new Error(`endpoint ${endpointName} is ${endpoint.EndpointStatus ?? "in no state"}, not InService${why}`);
  }
  if (!requireCapture) {
    return "is in service";
  }
  const configName = endpoint.EndpointConfigName;
  const config = await sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName: configName }), {
    abortSignal,
  });
  if (config.DataCaptureConfig?.EnableCapture !== true) {
    throw new Error(
      `endpoint ${endpointName} does not capture its traffic: its config ${configName ?? ""} has capture off`,
    );
  }
  return "is in service with capture on";
}

/** Asks for one known request, and gives the answers as they are told. @throws if one is not sane. */
async function saneAnswers(
  endpointName: string,
  known: KnownBody,
  format: ModelFormat,
  signal: AbortSignal,
): Promise<string[]> {
  const { body, count, rows, what } = asked(known, format);
  const reply = await invokeModel(runtime, { endpointName, body, inferenceId: probeInferenceId(randomUUID()), signal });
  const answer = reply.kind === "reply" ? understood(reply, format, count) : reply;
  if (answer.kind !== "answered") {
    const message =
      "details" in answer && typeof answer.details.message === "string" ? `: ${answer.details.message}` : "";
    throw new Error(`${what} got no prediction: ${answer.reason}${message}`);
  }
  const wrong = firstWrong(answer, format);
  if (wrong >= 0) {
    const predicted = answer.values[wrong]?.join(",") ?? "nothing of the kind";
    const given = rows.length === answer.values.length ? `the known row ${rows[wrong] ?? ""}` : what;
    throw new Error(`endpoint ${endpointName} predicts ${predicted} for ${given}, outside of ${allowed(format)}`);
  }
  return answer.values.map((value) => value?.join(",") ?? "");
}

/** A known request as the model gets it. */
interface Asked {
  readonly body: ModelBody;
  /** How many rows it has. */
  readonly count: number;
  /** The rows, if it has rows of one line each. */
  readonly rows: readonly string[];
  /** How it is called in messages. */
  readonly what: string;
}

function asked({ body, isBase64Encoded = false }: KnownBody, { request, accept }: ModelFormat): Asked {
  if ("contentType" in request) {
    const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
    const ContentType = request.contentType === "*" ? "application/octet-stream" : request.contentType;
    const what = `a known request of ${bytes.length} bytes`;
    return { body: { Body: bytes, ContentType, Accept: request.accept }, count: 1, rows: [], what };
  }
  const { csv, count } = parseRows(body, "text/csv", request.columns);
  const rows = csv.split("\n");
  return {
    body: bodyOfRows(csv, acceptedAnswer(request, accept)),
    count,
    rows: rows.length === count ? rows : [],
    what: `${count} known rows`,
  };
}

function allowed({ request, accept }: ModelFormat): string {
  const wanted = acceptedAnswer(request, accept);
  return wanted === undefined ? "anything" : inWords(wanted);
}

function told(answers: readonly string[], format: ModelFormat): string {
  const what = "contentType" in format.request ? "known requests" : "known rows";
  return `answers ${what}${answers.length === 0 ? "" : ` with ${answers.join(", ")}`} (${allowed(format)} allowed)`;
}
