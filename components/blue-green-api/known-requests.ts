import type { KnownBody } from "../../lib/contract";
import type { InputColumn, KnownRequest, ModelRequest, PassedThroughRequest } from "../../lib/model-format";
import { RowReader, WrongRow } from "../../lib/model-rows";

/** The known requests as they are sent: rows together, bodies one by one. */
export function knownBodies(request: ModelRequest | undefined, known: readonly KnownRequest[]): KnownBody[] {
  return request !== undefined && "contentType" in request
    ? known.map(knownBody)
    : [{ body: knownRows(request?.columns, known).join("\n") }];
}

/** Rows as CSV. */
function knownRows(columns: readonly InputColumn[] | undefined, known: readonly KnownRequest[]): string[] {
  return known.map((one, index) =>
    typeof one === "string" ? one : new RowReader(columns).object(one, index).join(","),
  );
}

/** An object is JSON, unless it says that it is bytes. */
function knownBody(known: KnownRequest): KnownBody {
  if (typeof known === "string") {
    return { body: known };
  }
  const { base64, ...others } = known;
  return typeof base64 === "string" && Object.keys(others).length === 0
    ? { body: base64, isBase64Encoded: true }
    : { body: JSON.stringify(known) };
}

/** What is wrong with known rows: each must be one that the columns take and that the training data could have had. */
export function knownRowProblems(
  columns: readonly InputColumn[] | undefined,
  known: readonly KnownRequest[],
): string[] {
  return known.flatMap((one, index) => {
    const path = `check.requests[${index}]`;
    const reader = new RowReader(columns);
    try {
      const rows = typeof one === "string" ? reader.csv(one) : [reader.object(one, 0)];
      const width = rows[0]?.length ?? 0;
      const wrong = rows.length !== 1 || (columns !== undefined && width !== columns.length);
      return [
        ...(wrong
          ? [`${path} must be one row${columns ? ` of ${columns.length} columns` : ""}, got ${inWords(one)}`]
          : []),
        ...(reader.isUnusual ? [`${path} has a value that request.columns leaves out: ${inWords(one)}`] : []),
      ];
    } catch (error) {
      if (error instanceof WrongRow) {
        return [`${path}: ${error.message}`];
      }
      throw error;
    }
  });
}

const inWords = (known: KnownRequest) => JSON.stringify(known);

/** What a rollout's probes send, as the provider takes it. */
export function probeOf(request: ModelRequest | undefined, known: readonly KnownRequest[]) {
  return request !== undefined && "contentType" in request
    ? { requests: knownBodies(request, known).map((body) => ({ ...body, contentType: typeOf(request) })) }
    : { rows: knownRows(request?.columns, known) };
}

/** Where callers may send any media type, known requests are bytes of no other one. */
function typeOf({ contentType }: PassedThroughRequest): string {
  return contentType === "*" ? "application/octet-stream" : contentType;
}
