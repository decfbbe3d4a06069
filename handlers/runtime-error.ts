import type { IncomingHttpHeaders } from "node:http";

/** An error that SageMaker Runtime has answered, with AWS's name for it. */
export class RuntimeError extends Error {
  readonly $metadata: { readonly httpStatusCode: number };
  /** What the container has answered, if the name is `ModelError`. */
  readonly OriginalStatusCode?: number;
  readonly OriginalMessage?: string;
  readonly LogStreamArn?: string;

  constructor(status: number, headers: IncomingHttpHeaders, body: Buffer) {
    const answered = fieldsOf(body);
    super(text(answered.message) ?? text(answered.Message) ?? `status ${status}`);
    this.name = nameOf(text(headers["x-amzn-errortype"]) ?? text(answered.code) ?? text(answered.__type));
    this.$metadata = { httpStatusCode: status };
    this.OriginalStatusCode = typeof answered.OriginalStatusCode === "number" ? answered.OriginalStatusCode : undefined;
    this.OriginalMessage = text(answered.OriginalMessage);
    this.LogStreamArn = text(answered.LogStreamArn);
  }
}

/** https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization */
function nameOf(code = "Unknown"): string {
  return code.split(/[,:]/)[0]?.split("#").pop() ?? code;
}

/** What stands between SageMaker and the function, such as a proxy, may answer no JSON. */
function fieldsOf(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const answered: unknown = JSON.parse(body.toString());
    return typeof answered === "object" && answered !== null ? { ...answered } : {};
  } catch {
    return {};
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
