import { randomUUID } from "node:crypto";
import { DescribeEndpointCommand, DescribeEndpointConfigCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { probeInferenceId, VARIABLES } from "../lib/contract";
import { invokeModel } from "./endpoint";
import { lifecycleHook } from "./hook";
import { firstOutside, type Range } from "./rows";
import { booleanSetting, listSetting, numberSetting, setting } from "./settings";

// Throttling and the like are tried again; a wrong answer is wrong the first time.
const sagemaker = new SageMakerClient({ maxAttempts: 5, requestHandler: { connectionTimeout: 1000 } });
const runtime = new SageMakerRuntimeClient({ maxAttempts: 5, requestHandler: { connectionTimeout: 1000 } });

/**
 * Before any traffic: the endpoint is in service, captures its traffic (where `REQUIRE_CAPTURE` says so), and answers a sane
 * prediction to each known row. Those rows are sent in one request, marked as a probe; being captured, they also make the first
 * capture that `post-traffic` looks for, so that an API nobody calls can be released too.
 */
export const handler = lifecycleHook(async (signal) => {
  const { endpointName, requireCapture, ...known } = settings();
  const seen = [await inService(endpointName, requireCapture, signal), await sane(endpointName, known, signal)];
  return `endpoint ${endpointName} ${seen.join(" and ")}`;
});

/**
 * States in which an endpoint answers. It is being updated also while its instances are added or taken away, as those of a release
 * that is kept warm are when it is gone back to.
 */
const SERVING: readonly string[] = ["InService", "Updating", "SystemUpdating"];

/** What the model is asked, and what it may answer. */
interface KnownRows extends Range {
  /** CSV rows of the model's inputs. */
  readonly rows: readonly string[];
}

function settings() {
  return {
    endpointName: setting(VARIABLES.endpointName),
    requireCapture: booleanSetting(VARIABLES.requireCapture),
    rows: listSetting(VARIABLES.knownRows),
    minimum: numberSetting(VARIABLES.predictionMinimum),
    maximum: numberSetting(VARIABLES.predictionMaximum),
  };
}

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

async function sane(endpointName: string, known: KnownRows, signal: AbortSignal): Promise<string> {
  const { rows, minimum, maximum } = known;
  const answer = await invokeModel(runtime, {
    endpointName,
    rows: { count: rows.length, csv: rows.join("\n") },
    inferenceId: probeInferenceId(randomUUID()),
    signal,
  });
  if (answer.kind !== "predictions") {
    const message =
      "details" in answer && typeof answer.details.message === "string" ? `: ${answer.details.message}` : "";
    throw new Error(`${rows.length} known rows got no prediction: ${answer.reason}${message}`);
  }
  const wrong = firstOutside(answer.predictions, known);
  if (wrong >= 0) {
    const predicted = `${answer.predictions[wrong] ?? ""} for the known row ${rows[wrong] ?? ""}`;
    throw new Error(`endpoint ${endpointName} predicts ${predicted}, outside of ${minimum} to ${maximum}`);
  }
  return `answers known rows with ${answer.predictions.join(", ")} (${minimum} to ${maximum} allowed)`;
}
