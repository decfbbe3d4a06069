import type { HttpResponse } from "../../core/http";

/**
 * Why API Gateway itself answers and not the integration: its "gateway responses", with AWS's status, message and error type.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
export class GatewayFault extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** Value of the header `x-amzn-ErrorType`. */
    readonly errorType: string,
    /** What the caller is not told, for the logs. */
    readonly detail = message,
  ) {
    super(message);
  }

  response(): HttpResponse {
    return {
      status: this.status,
      headers: { "content-type": "application/json", "x-amzn-errortype": this.errorType },
      body: JSON.stringify({ message: this.message }),
    };
  }
}

export const forbidden = () => new GatewayFault(403, "Forbidden", "ForbiddenException");
export const missingToken = () =>
  new GatewayFault(403, "Missing Authentication Token", "MissingAuthenticationTokenException");
export const tooManyRequests = () => new GatewayFault(429, "Too Many Requests", "TooManyRequestsException");
export const requestTooLong = () => new GatewayFault(413, "Request Too Long", "RequestTooLongException");
/** @param detail what is wrong with the API's configuration */
export const misconfigured = (detail: string) =>
  new GatewayFault(500, "Internal server error", "InternalServerErrorException", detail);
/** @param detail what is wrong with the function or its answer */
export const badIntegration = (detail: string) =>
  new GatewayFault(502, "Internal server error", "InternalServerErrorException", detail);
export const timedOut = () => new GatewayFault(504, "Endpoint request timed out", "InternalServerErrorException");
