import { z } from "zod";
import { AwsError } from "./aws-error";
import type { Faults } from "./faults";
import type { Service } from "./http";
import { errorResponse } from "./json-rpc";

const fault = z.strictObject({
  kind: z.literal("model-errors"),
  endpoint: z.string().min(1),
  afterInvocations: z.int().min(0).optional(),
});

/** `/_local/faults`, the switchboard of faults by hand: GET lists them, PUT sets one, DELETE clears all. Not an AWS service. */
export function faultSwitchboard(faults: Faults): Service {
  return {
    name: "faults",
    async handle(request) {
      try {
        if (request.path !== "/_local/faults") {
          throw new AwsError("NotFound", `${request.path} is not here; /_local/faults is`, 404);
        }
        if (request.method === "PUT") {
          faults.set(parse(request.body));
        } else if (request.method === "DELETE") {
          faults.clear();
        } else if (request.method !== "GET") {
          throw new AwsError("MethodNotAllowed", `${request.method} is not one of GET, PUT, DELETE`, 405);
        }
        return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(faults.list()) };
      } catch (error) {
        return errorResponse(error, "application/json");
      }
    },
  };
}

function parse(body: Uint8Array) {
  const text = Buffer.from(body).toString("utf8");
  const read = z.string().transform((json, context): unknown => {
    try {
      return JSON.parse(json);
    } catch {
      context.addIssue({ code: "custom", message: "not JSON" });
      return z.NEVER;
    }
  });
  const result = read.pipe(fault).safeParse(text);
  if (!result.success) {
    throw new AwsError("ValidationException", `not a fault: ${z.prettifyError(result.error)}`);
  }
  return result.data;
}
