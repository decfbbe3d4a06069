/**
 * What a model is asked and what it answers, as people say it. `model-format-rules.ts` has the rule of each. Without Zod, whose types a program
 * that uses the components would have to compile.
 */

/** A column of the model's inputs. */
export interface InputColumn {
  /** Name by which a JSON object gives its value. All columns have one, or none has. @default - rows are lists */
  readonly name?: string;
  /** What its values are. @default "number" */
  readonly type?: "number" | "text";
  /**
   * Whether a value may be missing: an empty cell in CSV, `null` or no such member in JSON. The model gets an empty cell. A missing value of
   * another column is refused. @default false
   */
  readonly optional?: boolean;
  /** Least number that the training data had. @default - no limit */
  readonly minimum?: number;
  /** Greatest number that the training data had. @default - no limit */
  readonly maximum?: number;
  /** Texts that the training data had. @default - any */
  readonly values?: readonly string[];
}

/**
 * Rows of a table. Callers send CSV without header (`text/csv`), JSON (`application/json`: `{"instances": [...]}`, `[...]` or one row) or JSON
 * Lines (`application/jsonlines`). The model gets them as CSV.
 */
export interface RowsRequest {
  /**
   * The model's columns, in its order. Other numbers of columns are refused. Requests with a value that the training data did not have are
   * answered, and do not judge a release: nobody knows what is right for them.
   * @default - rows of numbers, of any length, and every request counts
   */
  readonly columns?: readonly InputColumn[];
}

/**
 * Bodies that go to the model as they are, and answers that come back as they are. They are judged by status, latency and size, and by
 * `check.accept` if the model answers JSON.
 */
export interface PassedThroughRequest {
  /** Media type of the bodies, such as `image/jpeg`, or `*` for any. Another one is refused with 415. */
  readonly contentType: string;
  /** Media type that the model is asked to answer. @default - what the caller accepts */
  readonly accept?: string;
}

/** What callers send, and what of it the model gets. */
export type ModelRequest = RowsRequest | PassedThroughRequest;

/** A number for each row. */
export interface NumberAnswer {
  readonly type: "number";
  /** @default - any finite number is sane */
  readonly minimum?: number;
  /** @default - any finite number is sane */
  readonly maximum?: number;
}

/** A list of numbers for each row, such as the probability of each class. */
export interface VectorAnswer {
  readonly type: "vector";
  /** How many numbers it has. @default - any number of them is sane */
  readonly length?: number;
  /** Least sane value of each number. @default - any */
  readonly minimum?: number;
  /** Greatest sane value of each number. @default - any */
  readonly maximum?: number;
  /** What the numbers sum to, within 1 %: 1 for probabilities. @default - anything */
  readonly sum?: number;
}

/** A text for each row, such as the class. */
export interface LabelAnswer {
  readonly type: "label";
  /** Labels that are sane. @default - any */
  readonly labels?: readonly string[];
}

/** The model's own JSON, which callers get as it is. */
export interface JsonAnswer {
  readonly type: "json";
  /**
   * Where in it the answers are: names and positions with dots between, `*` for every member of a list, such as `predictions.*.score`.
   * @default - only that it is JSON
   */
  readonly path?: string;
  /** What is sane there. An answer without a value there is not. Must be given with `path`. @default - none */
  readonly value?: NumberAnswer | VectorAnswer | LabelAnswer;
}

/** What kind of answer the model gives, and which are sane. Implausible ones are answered, and count against the release. */
export type SaneAnswer = NumberAnswer | VectorAnswer | LabelAnswer | JsonAnswer;

/**
 * A request whose answer is known to be sane. Of rows: a row as CSV, or an object by the columns' names. Of bodies that are passed through: a
 * text, an object that is sent as JSON, or `{ base64: "…" }` for bytes.
 */
export type KnownRequest = string | Readonly<Record<string, unknown>>;

/** What a new release must answer, before it has traffic and after. */
export interface ModelCheck {
  /**
   * Requests that the new release must answer before it gets traffic, and with which the rollout probes it afterwards. Rows are sent together,
   * bodies one by one. Before there is traffic they go straight to the endpoint, as the model takes them, and afterwards through the function: a
   * handler of your own must take them too. They are stored in the stack's state and in a function's environment, so they must be no secrets
   * and small.
   */
  readonly requests: readonly KnownRequest[];
  /** What every answer must be. Others count for the alarm `predictions`. @default - numbers; of bodies that are passed through: anything */
  readonly accept?: SaneAnswer;
  /** What the answers to `requests` must be: the same type, with narrower limits. @default - `accept` */
  readonly acceptKnown?: SaneAnswer;
}
