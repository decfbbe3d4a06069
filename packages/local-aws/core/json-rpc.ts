import { JsonCodec2 } from "@smithy/core/protocols";
import { NormalizedSchema } from "@smithy/core/schema";
import { AwsError, notImplemented } from "./aws-error";
import { messageOf } from "./failure";
import type { HttpRequest, HttpResponse, Service, ServiceOptions } from "./http";
import type { Operation } from "./operation";

/** Time stamps in the body are seconds since 1970, unless a member's trait says otherwise. */
const EPOCH_SECONDS = 7;
export const jsonCodec = new JsonCodec2({
  timestampFormat: { useTrait: true, default: EPOCH_SECONDS },
  jsonName: true,
});

/** A service that speaks AWS JSON 1.0 or 1.1: one path, the operation in the header `X-Amz-Target`. */
export function jsonRpcService(
  name: string,
  operations: readonly Operation[],
  { close, violations = () => [] }: ServiceOptions = {},
): Service {
  const byName = new Map(operations.map((operation) => [operation.name, operation]));
  return {
    name,
    close,
    async handle(request) {
      const contentType = request.headers["content-type"] ?? "application/x-amz-json-1.1";
      try {
        const operation = operationOf(request, name, byName);
        const output = await operation.run((schema) => readBody(schema, request.body), violations);
        return { status: 200, headers: { "content-type": contentType }, body: encode(operation, output) };
      } catch (error) {
        return errorResponse(error, contentType);
      }
    },
  };
}

function operationOf(request: HttpRequest, service: string, byName: ReadonlyMap<string, Operation>): Operation {
  const target = request.headers["x-amz-target"];
  if (target === undefined) {
    throw new AwsError(
      "UnknownOperationException",
      `the local AWS speaks AWS JSON for ${service}: header X-Amz-Target is missing`,
      404,
    );
  }
  const called = target.slice(target.lastIndexOf(".") + 1);
  const operation = byName.get(called);
  if (operation === undefined) {
    throw notImplemented(service, called);
  }
  return operation;
}

/**
 * Reads a JSON body by its schema. An empty body is a structure without members.
 *
 * @throws AwsError `SerializationException` if it is not a JSON object
 */
export async function readBody(schema: NormalizedSchema, body: Uint8Array): Promise<Record<string, unknown>> {
  const text = body.length === 0 ? "{}" : Buffer.from(body).toString("utf8");
  if (!/^\s*\{/.test(text)) {
    throw new AwsError("SerializationException", "the body is not a JSON object");
  }
  try {
    const value: unknown = await jsonCodec.createDeserializer().read(schema, text);
    return typeof value === "object" ? { ...value } : {};
  } catch (error) {
    throw new AwsError("SerializationException", `the body cannot be read: ${messageOf(error)}`);
  }
}

function encode(operation: Operation, output: unknown): Uint8Array | string {
  const serializer = jsonCodec.createSerializer();
  serializer.write(NormalizedSchema.of(operation.schema[5]), output);
  return orEmpty(serializer.flush());
}

/** An operation without output answers an empty object. */
function orEmpty(bytes: Uint8Array): Uint8Array | string {
  return bytes.length === 0 ? "{}" : bytes;
}

/** The form in which both JSON protocols tell an error; anything but an {@link AwsError} is a defect here and says so. */
export function errorResponse(error: unknown, contentType: string): HttpResponse {
  const answered = error instanceof AwsError ? error : internalFailure(error);
  return {
    status: answered.statusCode,
    headers: { "content-type": contentType, "x-amzn-errortype": answered.code },
    body: JSON.stringify({
      __type: answered.code,
      message: answered.message,
      Message: answered.message,
      ...answered.details,
    }),
  };
}

function internalFailure(error: unknown): AwsError {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  console.error(`local AWS: ${text}`);
  return new AwsError("InternalFailure", `defect in the local AWS: ${text}`, 500);
}
