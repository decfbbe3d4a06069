import type { Account } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import type { Clock } from "../../core/clock";
import { credentialOf, signedService, type HttpRequest, type HttpResponse } from "../../core/http";
import { errorResponse } from "../../core/json-rpc";
import type { Authority } from "./authority";
import type { Identities } from "./identities";
import { permissionsOf } from "./permissions";
import type { Door } from "./permissions/call";
import { queryError, s3Error } from "./query-xml";
import { invalidToken } from "./sessions";
import type { Signer } from "./signer";

/** Keys of sessions, and keys of users, have these forms; an account's own keys have neither, and what they sign is not evaluated. */
export const SESSION_KEY = /^ASIA/;
export const USER_KEY = /^AKIA[A-Z0-9]{16}$/;

/** Holds each request that a session or a user signed against the policies that count for them, before a service sees it. */
export class Gate {
  constructor(
    private readonly account: Account,
    private readonly clock: Clock,
    private readonly authority: Authority,
    private readonly identities: Identities,
    private readonly door: Door,
  ) {}

  /**
   * Who signed a request; `undefined` if it was the account itself.
   *
   * @throws AwsError for a session's or a user's key that is not known, or not any more
   */
  async signerOf(request: HttpRequest): Promise<Signer | undefined> {
    const accessKeyId = credentialOf(request)?.accessKeyId ?? "";
    if (SESSION_KEY.test(accessKeyId)) {
      const token = request.headers["x-amz-security-token"] ?? request.query.get("X-Amz-Security-Token") ?? undefined;
      return this.authority.store.find(accessKeyId, token, this.clock.now());
    }
    if (!USER_KEY.test(accessKeyId)) {
      return undefined;
    }
    const user = await this.identities.userOfKey(accessKeyId);
    if (user === undefined) {
      throw invalidToken();
    }
    return user;
  }

  /** What a request that is not allowed is answered; `undefined` if it is allowed. */
  async refusal(request: HttpRequest): Promise<HttpResponse | undefined> {
    try {
      const signer = await this.signerOf(request);
      if (signer === undefined) {
        return undefined;
      }
      for (const permission of await permissionsOf(request, this.account, this.door)) {
        const refusal = await this.authority.refusal(signer, permission);
        if (refusal !== undefined) {
          throw new AwsError("AccessDeniedException", refusal, 403);
        }
      }
      return undefined;
    } catch (error) {
      return refusalResponse(request, error);
    }
  }
}

/** The codes of S3 and of the Query protocol for what other services tell by the names here. */
const XML_CODES: Readonly<Record<string, string>> = {
  AccessDeniedException: "AccessDenied",
  InvalidSignatureException: "SignatureDoesNotMatch",
  IncompleteSignatureException: "IncompleteSignature",
};

/** The error in the form in which the service that was called tells errors, and by the code that it has for this one. */
export function refusalResponse(request: HttpRequest, error: unknown): HttpResponse {
  if (!(error instanceof AwsError)) {
    return errorResponse(error, "application/json");
  }
  const coded = (code: string, status: number) => new AwsError(code, error.message, status, error.details);
  const isDenial = error.code === "AccessDeniedException";
  const code = XML_CODES[error.code];
  const xmlError = code === undefined ? error : coded(code, 403);
  switch (signedService(request)) {
    case "s3":
      return withoutBodyForHead(request, s3Error(xmlError));
    case "sns":
      return queryError(isDenial ? coded("AuthorizationError", 403) : xmlError);
    case "iam":
    case "sts":
      return queryError(xmlError);
    case "monitoring":
      return withQueryError(xmlError);
    case "lambda":
    case "apigateway":
      return errorResponse(error, "application/json");
    default:
      // The services that speak AWS JSON tell a denial by their status 400.
      return errorResponse(isDenial ? coded(error.code, 400) : error, "application/x-amz-json-1.1");
  }
}

function withoutBodyForHead({ method }: HttpRequest, response: HttpResponse): HttpResponse {
  return method === "HEAD" ? { ...response, body: "" } : response;
}

/** CloudWatch tells its codes twice. */
function withQueryError(error: AwsError): HttpResponse {
  const response = errorResponse(error, "application/x-amz-json-1.0");
  return { ...response, headers: { ...response.headers, "x-amzn-query-error": `${error.code};Sender` } };
}
