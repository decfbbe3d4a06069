import { AwsError } from "./aws-error";
import type { Clock } from "./clock";
import { FAULT_KINDS, isFaultKind, notAFault, readFault } from "./fault-kinds";
import type { Faults } from "./faults";
import type { HttpRequest, Service } from "./http";
import { errorResponse } from "./json-rpc";

const PATH = "/_local/faults";
const CLOCK_PATH = "/_local/clock";

/** How people call the switchboard from a shell that has the keys in its environment. */
export const SIGNED_CURL =
  'curl --aws-sigv4 aws:amz:us-east-1:local --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"';

/**
 * The switchboard with which people set faults, at `/_local/faults`. It is not an AWS service, but its requests are signed as those to AWS.
 *
 * - `GET` lists the faults that are set; `GET /_local/faults/kinds` describes all that can be.
 * - `PUT` sets the fault of the body.
 * - `DELETE` removes all, `DELETE /_local/faults/<kind>` those of a kind, `DELETE /_local/faults/<kind>/<target>` one.
 *
 * Each, except `kinds`, answers with the faults that are set afterwards.
 *
 * `GET /_local/clock` tells how many times faster than on AWS time passes: `{"speed":60}`.
 */
export function faultSwitchboard(faults: Faults, { speed }: Pick<Clock, "speed">): Service {
  return {
    name: "faults",
    async handle(request) {
      try {
        const isOfClock = request.method === "GET" && request.path === CLOCK_PATH;
        const body = isOfClock ? JSON.stringify({ speed }) : answer(faults, request);
        return { status: 200, headers: { "content-type": "application/json" }, body };
      } catch (error) {
        return errorResponse(error, "application/json");
      }
    },
  };
}

function answer(faults: Faults, { method, path, body }: HttpRequest): string {
  if (path !== PATH && !path.startsWith(`${PATH}/`)) {
    throw new AwsError("NotFound", `${path} is not here; ${PATH} is`, 404);
  }
  const [kind, ...target] = path
    .slice(PATH.length + 1)
    .split("/")
    .map(unescaped);
  const named = kind !== undefined && kind !== "";
  if (method === "GET" && kind === "kinds") {
    return JSON.stringify(Object.fromEntries(FAULT_KINDS), undefined, 2);
  }
  if (named && method !== "DELETE") {
    throw new AwsError("NotFound", `${method} ${path} is not here; ${method} ${PATH} is`, 404);
  }
  switch (method) {
    case "GET":
      break;
    case "PUT":
      faults.set(readFault(json(body)));
      break;
    case "DELETE":
      if (named) {
        remove(faults, kind, target.join("/"));
      } else {
        faults.clear();
      }
      break;
    default:
      throw new AwsError("MethodNotAllowed", `${method} is not one of GET, PUT, DELETE`, 405);
  }
  return JSON.stringify(faults.list());
}

function remove(faults: Faults, kind: string, target: string): void {
  if (!isFaultKind(kind)) {
    throw notAFault(`there is no kind ${kind}`);
  }
  faults.remove(kind, target === "" ? undefined : target);
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsError("ValidationException", `'${text}' in the path is not percent-encoded UTF-8`);
  }
}

function json(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    throw notAFault("the body is not JSON");
  }
}
