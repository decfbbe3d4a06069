import type { Account } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import type { HttpRequest } from "../../core/http";
import { checkSignature, signatureOf } from "../../core/signature";
import { GatewayFault, missingToken } from "./gateway-response";

/**
 * Checks that a request bears a Signature Version 4 made with the account's secret for `execute-api`. Only signatures in the header
 * `Authorization` are known; one in the query counts as missing.
 *
 * @throws GatewayFault 403, as AWS answers
 */
export async function checkCaller(account: Account, request: HttpRequest, now: Date): Promise<void> {
  try {
    const signature = signatureOf(request);
    if (signature === undefined) {
      throw missingToken();
    }
    if (signature.accessKeyId !== account.accessKeyId) {
      throw new AwsError("UnrecognizedClientException", "The security token included in the request is invalid.");
    }
    if (signature.service !== "execute-api") {
      throw invalid("Credential should be scoped to correct service: 'execute-api'.");
    }
    if (signature.region !== account.region) {
      throw invalid("Credential should be scoped to a valid region.");
    }
    await checkSignature(request, signature, account.secretAccessKey, now);
  } catch (error) {
    throw error instanceof AwsError ? new GatewayFault(403, error.message, error.code) : error;
  }
}

const invalid = (message: string) => new AwsError("InvalidSignatureException", message);
