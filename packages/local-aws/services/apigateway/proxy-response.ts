import { z } from "zod";
import type { HttpResponse } from "../../core/http";
import { badIntegration } from "./gateway-response";
import { isBinary } from "./proxy-event";

const headerValue = z.union([z.string(), z.number(), z.boolean()]);

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-output-format */
const PROXY_RESULT = z.strictObject({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), headerValue).nullish(),
  multiValueHeaders: z.record(z.string(), z.array(headerValue)).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/** Headers that API Gateway sets itself; a function's own come under another name. */
const REMAPPED = new Set(["connection", "content-length", "date", "host", "server", "transfer-encoding", "upgrade"]);

/**
 * The answer to the caller from what the function returned.
 *
 * @param accept of the caller, which decides whether a body in Base64 is decoded
 * @throws GatewayFault 502 where it is not of the form that a proxy integration must return
 */
export function proxyResponse(payload: Uint8Array, binaryMediaTypes: readonly string[], accept?: string): HttpResponse {
  const result = PROXY_RESULT.safeParse(parse(payload));
  if (!result.success) {
    throw badIntegration(
      `Execution failed due to configuration error: Malformed Lambda proxy response: ${result.error.message}`,
    );
  }
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = result.data;
  // Several headers of one name are one with commas here, which for `Set-Cookie` is not the same.
  const several = Object.entries(multiValueHeaders ?? {}).map(([name, values]) => [name, values.join(",")] as const);
  const all = [...Object.entries(headers ?? {}), ...several].map(([name, value]) => {
    const lower = name.toLowerCase();
    return [REMAPPED.has(lower) ? `x-amzn-remapped-${lower}` : lower, String(value)] as const;
  });
  const decoded = isBase64Encoded === true && isBinary(binaryMediaTypes, accept?.split(",")[0]);
  return {
    status: statusCode,
    headers: { "content-type": "application/json", ...Object.fromEntries(all) },
    body: decoded ? Buffer.from(body ?? "", "base64") : (body ?? ""),
  };
}

function parse(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString("utf8"));
  } catch {
    // No JSON at all: the caller's check refuses it like every malformed answer.
    return undefined;
  }
}
