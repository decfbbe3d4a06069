import { NormalizedSchema } from "@smithy/core/schema";
import { AwsError, notImplemented } from "./aws-error";
import type { HttpRequest, HttpResponse, Service, ServiceOptions } from "./http";
import { errorResponse, jsonCodec, readBody } from "./json-rpc";
import type { Operation } from "./operation";

interface Route {
  readonly operation: Operation;
  readonly method: string;
  readonly segments: readonly string[];
  /** Query parameters that are part of the operation's address, such as `?mode=import`. */
  readonly fixedQuery: URLSearchParams;
  readonly status: number;
}

/** A service that speaks AWS's REST-JSON. Method and path give the operation; its input is spread over path, query, headers and body. */
export function restJsonService(
  name: string,
  operations: readonly Operation[],
  { close, violations = () => [] }: ServiceOptions = {},
): Service {
  // A literal segment must win over a label: `/restapis/{id}/stages` before `/restapis/{id}/{thing}`.
  const routes = operations.map(routeOf).sort((a, b) => specificity(b) - specificity(a));
  return {
    name,
    close,
    async handle(request) {
      try {
        const route = routes.find((candidate) => matches(candidate, request));
        if (route === undefined) {
          throw notImplemented(name, `${request.method} ${request.path}`);
        }
        const output = await route.operation.run((schema) => decode(schema, route, request), violations);
        return encode(NormalizedSchema.of(route.operation.schema[5]), output, route.status);
      } catch (error) {
        return errorResponse(error, "application/json");
      }
    },
  };
}

function routeOf(operation: Operation): Route {
  const traits: unknown = operation.schema[3];
  const http: unknown = typeof traits === "object" && traits !== null && "http" in traits ? traits.http : undefined;
  if (!Array.isArray(http)) {
    throw new Error(`${operation.name} has no HTTP address: it does not belong to a REST-JSON service`);
  }
  const [path = "", query = ""] = String(http[1]).split("?");
  return {
    operation,
    method: String(http[0]),
    segments: path.split("/").filter((segment) => segment !== ""),
    fixedQuery: new URLSearchParams(query),
    status: Number(http[2]),
  };
}

function specificity(route: Route): number {
  return route.segments.filter((segment) => !isLabel(segment)).length * 10 + [...route.fixedQuery.keys()].length;
}

const isLabel = (segment: string) => segment.startsWith("{");
const isGreedy = (segment: string) => segment.endsWith("+}");

function matches(route: Route, request: HttpRequest): boolean {
  const parts = pathSegments(request);
  const greedy = route.segments.some(isGreedy);
  return (
    route.method === request.method &&
    (greedy ? parts.length >= route.segments.length : parts.length === route.segments.length) &&
    route.segments.every((segment, i) => isLabel(segment) || segment === parts[i]) &&
    [...route.fixedQuery].every(([key, value]) => request.query.get(key) === value)
  );
}

const pathSegments = (request: HttpRequest) => request.path.split("/").filter((segment) => segment !== "");

function labels(route: Route, request: HttpRequest): ReadonlyMap<string, string> {
  const parts = pathSegments(request);
  return new Map(
    route.segments.flatMap((segment, i) => {
      const value = isGreedy(segment) ? parts.slice(i).join("/") : (parts[i] ?? "");
      return isLabel(segment) ? [[segment.replace(/^\{|\+?\}$/g, ""), unescaped(value)]] : [];
    }),
  );
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsError("SerializationException", `'${text}' in the path is not percent-encoded UTF-8`);
  }
}

async function decode(schema: NormalizedSchema, route: Route, request: HttpRequest): Promise<Record<string, unknown>> {
  const inPath = labels(route, request);
  const input: Record<string, unknown> = hasBodyMembers(schema) ? await readBody(schema, request.body) : {};
  for (const [name, member] of schema.structIterator()) {
    const traits = member.getMergedTraits();
    if (traits.httpLabel === 1) {
      input[name] = fromText(member, inPath.get(name));
    } else if (traits.httpQuery !== undefined) {
      input[name] = fromQuery(member, request.query.getAll(traits.httpQuery));
    } else if (traits.httpQueryParams === 1) {
      input[name] = Object.fromEntries(request.query);
    } else if (traits.httpHeader !== undefined) {
      input[name] = fromText(member, request.headers[traits.httpHeader.toLowerCase()]);
    } else if (traits.httpPayload === 1) {
      input[name] = member.isStructSchema() ? await readBody(member, request.body) : request.body;
    }
  }
  return input;
}

function hasBodyMembers(schema: NormalizedSchema): boolean {
  return [...schema.structIterator()].some(([, member]) => isInBody(member));
}

function isInBody(member: NormalizedSchema): boolean {
  const traits = member.getMergedTraits();
  const elsewhere = [
    traits.httpLabel,
    traits.httpQuery,
    traits.httpQueryParams,
    traits.httpHeader,
    traits.httpPayload,
    traits.httpResponseCode,
  ];
  return elsewhere.every((trait) => trait === undefined);
}

function fromQuery(member: NormalizedSchema, values: readonly string[]): unknown {
  return member.isListSchema() && values.length > 0
    ? values.map((value) => fromText(member.getValueSchema(), value))
    : fromText(member, values[0]);
}

function fromText(member: NormalizedSchema, text: string | undefined): unknown {
  if (text === undefined) {
    return undefined;
  }
  if (member.isNumericSchema()) {
    return numberOf(text);
  }
  if (member.isTimestampSchema()) {
    return new Date(/^\d+$/.test(text) ? Number(text) * 1000 : text);
  }
  return member.isBooleanSchema() ? text === "true" : text;
}

function numberOf(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) {
    throw new AwsError("SerializationException", `'${text}' is not a number`);
  }
  return value;
}

/**
 * Only these three traits place members of an output outside of the body. Some outputs have a query trait from an input's shape, which
 * means nothing there.
 */
function encode(schema: NormalizedSchema, output: unknown, status: number): HttpResponse {
  const members: Readonly<Record<string, unknown>> = typeof output === "object" && output !== null ? { ...output } : {};
  const headers: Record<string, string> = { "content-type": "application/json" };
  const inBody: Record<string, unknown> = {};
  let hasBody = false;
  let code = status;
  let payload: Uint8Array | string | undefined;
  for (const [name, member] of schema.structIterator()) {
    const value = members[name];
    const traits = member.getMergedTraits();
    if (traits.httpResponseCode === 1) {
      code = value === undefined ? status : Number(value);
    } else if (traits.httpHeader !== undefined) {
      if (value !== undefined) {
        headers[traits.httpHeader.toLowerCase()] = typeof value === "string" ? value : JSON.stringify(value);
      }
    } else if (traits.httpPayload === 1) {
      payload = value instanceof Uint8Array || typeof value === "string" ? value : json(member, value);
    } else {
      hasBody = true;
      inBody[name] = value;
    }
  }
  return { status: code, headers, body: payload ?? (hasBody ? json(schema, inBody) : "") };
}

function json(schema: NormalizedSchema, value: unknown): Uint8Array | string {
  if (value === undefined) {
    return "";
  }
  const serializer = jsonCodec.createSerializer();
  serializer.write(schema, value);
  return serializer.flush();
}
