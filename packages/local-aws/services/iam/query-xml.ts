import { AwsError } from "../../core/aws-error";
import type { HttpResponse } from "../../core/http";
import { errorResponse } from "../../core/json-rpc";

/** A value of an answer: a text or a structure. */
type Value = string | { readonly [name: string]: Value };

const NAMESPACES = { sts: "https://sts.amazonaws.com/doc/2011-06-15/" } as const;

/** An answer in AWS's Query protocol. */
export function queryResult(service: keyof typeof NAMESPACES, operation: string, result: Value): HttpResponse {
  const body = `<${operation}Response xmlns="${NAMESPACES[service]}"><${operation}Result>${xml(result)}</${operation}Result><ResponseMetadata><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ResponseMetadata></${operation}Response>`;
  return { status: 200, headers: { "content-type": "text/xml" }, body };
}

/** An error in AWS's Query protocol; anything but an {@link AwsError} is a defect here and says so. */
export function queryError(error: unknown): HttpResponse {
  if (!(error instanceof AwsError)) {
    return errorResponse(error, "application/json");
  }
  const body = `<ErrorResponse>${xml({ Error: { Type: "Sender", Code: error.code, Message: error.message } })}</ErrorResponse>`;
  return { status: error.statusCode, headers: { "content-type": "text/xml" }, body };
}

/** An error as S3 tells it. */
export function s3Error(error: AwsError): HttpResponse {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n${xml({ Error: { Code: error.code, Message: error.message } })}`;
  return { status: error.statusCode, headers: { "content-type": "application/xml" }, body };
}

function xml(value: Value): string {
  return typeof value === "string"
    ? value.replace(/[&<>]/g, (character) => ENTITIES[character] ?? character)
    : Object.entries(value)
        .map(([name, inside]) => `<${name}>${xml(inside)}</${name}>`)
        .join("");
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
