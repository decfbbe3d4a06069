import { randomUUID } from "node:crypto";
import { DescribeEndpointCommand, DescribeEndpointConfigCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { probeInferenceId, VARIABLES } from "../lib/contract";
import { invokeModel } from "./endpoint";
import { lifecycleHook } from "./hook";
import { firstOutside, type Range } from "./rows";
import { booleanSetting, listSetting, numberSetting, setting } from "./settings";

// Throttling and similar errors are retried. A wrong answer is not.
const sagemaker = new SageMakerClient({ maxAttempts: 5, requestHandler: { connectionTimeout: 1000 } });
const runtime = new SageMakerRuntimeClient({ maxAttempts: 5, requestHandler: { connectionTimeout: 1000 } });

/**
 * Checks before any traffic that the endpoint is in service, captures its traffic (if `REQUIRE_CAPTURE` says so), and answers each known
 * row with a plausible prediction. The rows are sent in one request, marked as a probe. They are captured too, so `post-traffic` finds a
 * capture even if nobody calls the API.
 */
export const handler = lifecycleHook(async (signal) => {
  const { endpointName, requireCapture, ...known } = settings();
  const seen = [await inService(endpointName, requireCapture, signal), await sane(endpointName, known, signal)];
  return `endpoint ${endpointName} ${seen.join(" and ")}`;
});

/**
 * States in which an endpoint answers. An endpoint also counts as being updated while instances are added or removed. That happens when the
 * API goes back to a release that was kept warm.
 */
const SERVING: readonly string[] = ["InService", "Updating", "SystemUpdating"];

/** The known rows and the allowed answers. */
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
