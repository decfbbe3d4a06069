import { acceptedAnswer, judgesAnswers } from "../lib/model-format-rules";
import type { SaneAnswer } from "../lib/model-format";
import { isSane, parsePredictions, predictionsAt, type Predictions } from "./answers";
import type { Fault, ModelBody, ModelReply, Refusal } from "./endpoint";
import type { ModelFormat } from "./settings";

/** A model's answer as it was understood. */
export interface Answer {
  readonly kind: "answered";
  /** To rows. @default - the body is the answer */
  readonly predictions?: Predictions;
  readonly body: Uint8Array;
  readonly contentType?: string;
  readonly customAttributes?: string;
  /** What is judged, one for each row or value; `undefined` for one that is missing or of another kind. */
  readonly values: readonly (readonly string[] | undefined)[];
}

/** So many bytes of an answer can be passed on: Lambda answers 6 MB, in which bytes are written as base64. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** What rows are sent as, and what the model is asked to answer. */
export function bodyOfRows(csv: string, accept: SaneAnswer | undefined): ModelBody {
  return { ContentType: "text/csv", Accept: accept?.type === "json" ? "application/json" : "text/csv", Body: csv };
}

/**
 * Makes of a model's reply what it is, or says what is wrong with it. An answer that is too large to be passed on counts as refused: how
 * large it gets is for the caller to choose.
 *
 * @param rows How many rows the model was asked about.
 */
export function understood(
  reply: ModelReply,
  { request, accept }: ModelFormat,
  rows: number,
): Answer | Refusal | Fault {
  const { body, contentType, customAttributes } = reply;
  const wanted = acceptedAnswer(request, accept);
  const answer = { kind: "answered", body, contentType, customAttributes, values: [] } as const;
  if (wanted === undefined || wanted.type === "json") {
    if (body.length > MAX_ANSWER_BYTES) {
      const reason = `the model's answer has ${body.length} bytes, at most ${MAX_ANSWER_BYTES} can be passed on: ask for less`;
      return { kind: "refused", statusCode: 413, reason };
    }
    return wanted === undefined ? answer : jsonAnswer(answer, wanted);
  }
  const result = parsePredictions(wanted, new TextDecoder().decode(body), rows);
  return "problem" in result ? badAnswer(result.problem) : { ...answer, predictions: result, values: result.rows };
}

function jsonAnswer(answer: Answer, { path, value }: Extract<SaneAnswer, { type: "json" }>): Answer | Fault {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(answer.body));
  } catch {
    return badAnswer("the model's answer is not JSON");
  }
  const values = path === undefined || value === undefined ? [] : predictionsAt(json, path, value.type);
  return { ...answer, contentType: "application/json", values };
}

function badAnswer(reason: string): Fault {
  return { kind: "fault", statusCode: 502, reason, details: { error: "BadPredictions" } };
}

/** So many values of one request are judged, so that a large one does not outweigh all others. */
const MOST_JUDGED = 100;

/** How many values of an answer were looked at, and how many of them are not sane. */
export interface Sanity {
  readonly looked: number;
  readonly wrong: number;
}

/** The sanity of an answer; `undefined` if any answer is sane. */
export function sanityOf({ values }: Answer, { request, accept }: ModelFormat): Sanity | undefined {
  const wanted = acceptedAnswer(request, accept);
  if (wanted === undefined || !judgesAnswers(wanted)) {
    return undefined;
  }
  const judged = values.slice(0, MOST_JUDGED);
  return { looked: judged.length, wrong: judged.filter((value) => !isRight(wanted, value)).length };
}

/** Index of the first value that is not sane; -1 if all are. */
export function firstWrong({ values }: Answer, { request, accept }: ModelFormat): number {
  const wanted = acceptedAnswer(request, accept);
  return wanted === undefined ? -1 : values.findIndex((value) => !isRight(wanted, value));
}

function isRight(wanted: SaneAnswer, value: readonly string[] | undefined): boolean {
  const limits = wanted.type === "json" ? wanted.value : wanted;
  return limits === undefined || (value !== undefined && isSane(limits, value));
}
