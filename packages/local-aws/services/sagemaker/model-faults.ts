import type { Faults, FaultOf } from "../../core/faults";
import type { ContainerAnswer } from "./container";

/** What faults make of a container's answer to one request. */
export interface ModelTrouble {
  /** Seconds, real ones, that it comes later. */
  readonly delaySeconds: number;
  /** Status of the error that it is, if it is one. */
  readonly errorStatus: number | undefined;
  /** What it predicts for every row, where that is not the model's own prediction. */
  readonly prediction: FaultOf<"model-predictions">["answer"] | undefined;
}

export const NO_TROUBLE: ModelTrouble = { delaySeconds: 0, errorStatus: undefined, prediction: undefined };

/** Tells, request by request, what the faults of endpoints' containers come to. */
export class ModelTroubles {
  /** When each endpoint was sent its requests of the last second. */
  private readonly lately = new Map<string, readonly number[]>();
  /** How many requests of each endpoint its fault has spared. */
  private readonly spared = new Map<string, number>();

  constructor(private readonly faults: Faults) {}

  /** The next request's, where the endpoint had `before` requests so far. To be asked once for each. */
  next(endpoint: string, before: number, inferenceId?: string): ModelTrouble {
    const perSecond = this.countWithinSecond(endpoint);
    const { errors, slow, predictions } = this.faults.model(endpoint);
    return {
      delaySeconds: slow !== undefined && place(slow, before) > 0 ? slow.delaySeconds : 0,
      errorStatus:
        errors !== undefined &&
        !this.spares(errors, inferenceId) &&
        fails(errors, this.counted(endpoint, before), perSecond)
          ? (errors.status ?? 500)
          : undefined,
      prediction: predictions !== undefined && place(predictions, before) > 0 ? predictions.answer : undefined,
    };
  }

  private spares({ endpoint, sparedInferenceIds }: FaultOf<"model-errors">, inferenceId: string | undefined): boolean {
    const isSpared = sparedInferenceIds !== undefined && inferenceId?.startsWith(sparedInferenceIds) === true;
    this.spared.set(endpoint, (this.spared.get(endpoint) ?? 0) + (isSpared ? 1 : 0));
    return isSpared;
  }

  private counted(endpoint: string, before: number): number {
    return before - (this.spared.get(endpoint) ?? 0);
  }

  private countWithinSecond(endpoint: string): number {
    const now = performance.now();
    const lately = [...(this.lately.get(endpoint) ?? []).filter((time) => now - time < 1000), now];
    this.lately.set(endpoint, lately);
    return lately.length;
  }
}

/** Which of the requests a fault strikes this is, the first being 1; 0 or less where it is left alone. */
function place({ afterInvocations = 0 }: { readonly afterInvocations?: number }, before: number): number {
  return before - afterInvocations + 1;
}

function fails(fault: FaultOf<"model-errors">, before: number, perSecond: number): boolean {
  const { everyNth = 1, aboveRequestsPerSecond = 0 } = fault;
  const nth = place(fault, before);
  return nth > 0 && nth % everyNth === 0 && perSecond > aboveRequestsPerSecond;
}

/** The answer of a container that fails by order. */
export function orderedFailure(status: number): ContainerAnswer {
  return {
    status,
    contentType: "text/plain",
    customAttributes: undefined,
    body: Buffer.from(`a fault was ordered for this endpoint: its container answers ${status}`),
  };
}

/** The XGBoost container's answer, CSV or JSON, with each of its predictions replaced; a refusal stays what it is. */
export function withPredictions(answer: ContainerAnswer, prediction: "nan" | number): ContainerAnswer {
  if (answer.status !== 200) {
    return answer;
  }
  const text = Buffer.from(answer.body).toString("utf8");
  // Python's way of writing them.
  const number = Number.isInteger(prediction) ? `${prediction}.0` : String(prediction);
  const replaced =
    answer.contentType === "application/json"
      ? text.replace(/(?<="score": )[^,}]+/g, prediction === "nan" ? "NaN" : number)
      : text.replace(/[^\s,]+/g, number);
  return { ...answer, body: Buffer.from(replaced) };
}
