import { randomBytes, randomUUID } from "node:crypto";
import type { HttpRequest } from "../../core/http";
import type { ApiKey, Deployment, RestApi, Route, Stage } from "./store";
import type { Caller } from "./signature";

/** One request for an API, with what is found out about it on its way. */
export interface Call {
  readonly request: HttpRequest;
  readonly requestId: string;
  /** What API Gateway calls the extended request id, in the header `x-amz-apigw-id`. */
  readonly extendedRequestId: string;
  readonly startedAt: Date;
  readonly startedMs: number;
  readonly api: RestApi;
  readonly stage: Stage;
  readonly deployment: Deployment;
  /** Below the stage, such as `/api`. */
  readonly path: string;
  route?: Route;
  pathParameters?: Readonly<Record<string, string>>;
  /** @default - nobody has to sign */
  signedBy?: Caller;
  apiKey?: ApiKey;
  integration?: { readonly latencyMs: number; readonly status: number };
  error?: { readonly message: string; readonly responseType: string; readonly detail: string };
}

export function newCall(given: Pick<Call, "request" | "api" | "stage" | "deployment" | "path">, startedAt: Date): Call {
  return {
    ...given,
    requestId: randomUUID(),
    extendedRequestId: `${randomBytes(10).toString("base64url")}=`,
    startedAt,
    startedMs: performance.now(),
  };
}
