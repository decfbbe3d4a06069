import { invalid } from "./errors";

/** What SageMaker's list operations filter and sort by. */
export interface Listed {
  readonly name: string;
  readonly status?: string;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
}

type Order = "Ascending" | "Descending";

/** The members that SageMaker's list operations share; each has some of them. */
export interface ListRequest {
  readonly MaxResults?: number;
  readonly NextToken?: string;
  readonly NameContains?: string;
  readonly StatusEquals?: string;
  readonly CreationTimeAfter?: Date;
  readonly CreationTimeBefore?: Date;
  readonly LastModifiedTimeAfter?: Date;
  readonly LastModifiedTimeBefore?: Date;
  readonly SortBy?: string;
  readonly SortOrder?: Order;
}

/** A page of a list, and the token of the next one where there is more. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly NextToken?: string;
}

const DEFAULT_PAGE_SIZE = 10;

/**
 * One page of `all` as a list operation answers it. A token holds the place in the order, not a number, so a page
 * neither repeats nor skips what is created or removed between two calls.
 *
 * @throws AwsError `ValidationException` for a token that no list operation gave.
 */
export function listPage<T extends Listed>(all: Iterable<T>, request: ListRequest, defaultOrder: Order): Page<T> {
  const {
    SortBy: by = "CreationTime",
    SortOrder: order = defaultOrder,
    MaxResults: size = DEFAULT_PAGE_SIZE,
  } = request;
  const sign = order === "Ascending" ? 1 : -1;
  const compare = (a: Place, b: Place) => sign * (compareText(a[0], b[0]) || compareText(a[1], b[1]));
  const after = request.NextToken === undefined ? undefined : placeOf(request.NextToken);
  const rest = [...all]
    .filter((item) => matches(item, request))
    .map((item) => ({ item, place: place(item, by) }))
    .sort((a, b) => compare(a.place, b.place))
    .filter((entry) => after === undefined || compare(entry.place, after) > 0);
  const page = rest.slice(0, size);
  const last = page.at(-1);
  return {
    items: page.map((entry) => entry.item),
    ...(last !== undefined && rest.length > size ? { NextToken: tokenOf(last.place) } : {}),
  };
}

/** Where an item stands in the order: its sort key, then its name. */
type Place = readonly [key: string, name: string];

function place(item: Listed, by: string): Place {
  switch (by) {
    case "Name":
      return [item.name, item.name];
    case "Status":
      return [item.status ?? "", item.name];
    default:
      return [item.createdAt.toISOString(), item.name];
  }
}

function matches(item: Listed, request: ListRequest): boolean {
  return (
    item.name.includes(request.NameContains ?? "") &&
    (request.StatusEquals === undefined || request.StatusEquals === item.status) &&
    within(item.createdAt, request.CreationTimeAfter, request.CreationTimeBefore) &&
    within(item.modifiedAt, request.LastModifiedTimeAfter, request.LastModifiedTimeBefore)
  );
}

function within(time: Date, after: Date | undefined, before: Date | undefined): boolean {
  return (after === undefined || time > after) && (before === undefined || time < before);
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

const tokenOf = (at: Place) => Buffer.from(JSON.stringify(at)).toString("base64url");

function placeOf(token: string): Place {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
    if (Array.isArray(value) && typeof value[0] === "string" && typeof value[1] === "string") {
      return [value[0], value[1]];
    }
  } catch {
    // Falls through to the refusal: what is not JSON is no token of ours.
  }
  throw invalid(`Invalid NextToken "${token}": take it from the answer of the same list operation`);
}
