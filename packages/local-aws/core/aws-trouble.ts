import { AwsError } from "./aws-error";
import type { FaultOf, Faults } from "./faults";
import { signedService, type HttpRequest, type HttpResponse } from "./http";
import { errorResponse } from "./json-rpc";
import { isOwnRequest } from "./local";

type Trouble = Exclude<FaultOf<"aws-trouble">["trouble"], "mixed">;
type Protocol = "json" | "rest-json" | "query" | "s3";

const MIXED = ["throttling", "server-errors", "dropped-connections"] as const;

/** Code, status and message of the trouble in each protocol. */
const ERRORS = {
  throttling: {
    json: ["ThrottlingException", 400],
    "rest-json": ["TooManyRequestsException", 429],
    query: ["Throttling", 400],
    s3: ["SlowDown", 503],
    message: "Rate exceeded",
  },
  "server-errors": {
    json: ["InternalFailure", 500],
    "rest-json": ["InternalFailure", 500],
    query: ["InternalFailure", 500],
    s3: ["InternalError", 500],
    message: "We encountered an internal error. Please try again.",
  },
  "expired-credentials": {
    json: ["ExpiredTokenException", 403],
    "rest-json": ["ExpiredTokenException", 403],
    query: ["ExpiredToken", 403],
    s3: ["ExpiredToken", 400],
    message: "The security token included in the request is expired",
  },
} as const satisfies Record<
  Exclude<Trouble, "dropped-connections">,
  Record<Protocol, readonly [code: string, status: number]> & { readonly message: string }
>;

/**
 * Puts the fault `aws-trouble` in front of the services. It strikes signed requests, but neither the data plane nor the local AWS's own
 * requests (CodeDeploy to Lambda, SageMaker to S3): calls within AWS do not share an account's troubles. A function's calls come from
 * outside, like anybody's.
 *
 * @returns the answer to a request; `undefined` if the connection must be closed instead
 */
export function underTroubles(
  faults: Faults,
  answer: (request: HttpRequest) => Promise<HttpResponse>,
  random: () => number = Math.random,
): (request: HttpRequest) => Promise<HttpResponse | undefined> {
  return async (request) => {
    const trouble = troubleOf(faults, request, random);
    if (trouble === undefined) {
      return answer(request);
    }
    if (trouble !== "dropped-connections") {
      return troubleResponse(request, trouble);
    }
    if (random() < 0.5) {
      await answer(request);
    }
    return undefined;
  };
}

function troubleOf(faults: Faults, request: HttpRequest, random: () => number): Trouble | undefined {
  const service = signedService(request);
  if (service === undefined || isDataPlane(request) || isOwnRequest(request)) {
    return undefined;
  }
  const own = operationOf(request);
  const trouble = faults
    .awsTroubles(service)
    .find(({ operation = own, share = 1 }) => operation === own && random() < share)?.trouble;
  return trouble === "mixed" ? MIXED[Math.floor(random() * MIXED.length)] : trouble;
}

/** Requests that are not struck: predictions, an API's callers, and the switchboard. */
function isDataPlane({ path }: HttpRequest): boolean {
  return /^\/endpoints\/[^/]+\/invocations$/.test(path) || path.startsWith("/_aws/") || path.startsWith("/_local/");
}

function troubleResponse(request: HttpRequest, trouble: Exclude<Trouble, "dropped-connections">): HttpResponse {
  const protocol = protocolOf(request);
  const [code, status] = ERRORS[trouble][protocol];
  const message = `${ERRORS[trouble].message} (a fault was ordered: aws-trouble)`;
  const error = `<Code>${code}</Code><Message>${message}</Message>`;
  switch (protocol) {
    case "s3":
      return { status, headers: { "content-type": "application/xml" }, body: `<Error>${error}</Error>` };
    case "query": {
      const type = status < 500 ? "Sender" : "Receiver";
      const body = `<ErrorResponse><Error><Type>${type}</Type>${error}</Error></ErrorResponse>`;
      return { status, headers: { "content-type": "text/xml" }, body };
    }
    default:
      return errorResponse(new AwsError(code, message, status), request.headers["content-type"] ?? "application/json");
  }
}

/** Such as `StartPipelineExecution`; `undefined` where the protocol says it otherwise than by a header. */
function operationOf({ headers }: HttpRequest): string | undefined {
  return headers["x-amz-target"]?.split(".").at(-1);
}

function protocolOf(request: HttpRequest): Protocol {
  if (signedService(request) === "s3") {
    return "s3";
  }
  if (request.headers["x-amz-target"] !== undefined) {
    return "json";
  }
  const form = (request.headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");
  return form ? "query" : "rest-json";
}
