import { AwsError } from "../../core/aws-error";
import type { HttpRequest } from "../../core/http";
import type { Local } from "../../core/local";
import { checkSignature, signatureOf } from "../../core/signature";
import { GatewayFault, missingToken } from "./gateway-response";

/** Whoever has signed a request. */
export interface Caller {
  readonly accessKey: string;
  readonly userId: string;
  readonly userArn: string;
}

/**
 * Checks that a request bears a Signature Version 4 for `execute-api`, made with the account's own keys, or with those of a session whose role
 * may call the method. Only signatures in the header `Authorization` are known; one in the query counts as missing. Returns who has made it.
 *
 * @throws GatewayFault 403, as AWS answers
 */
export async function checkCaller(local: Local, request: HttpRequest, methodArn: string): Promise<Caller> {
  const { account, clock, sessions } = local;
  try {
    const signature = signatureOf(request);
    if (signature === undefined) {
      throw missingToken();
    }
    const { accessKeyId } = signature;
    const session = accessKeyId === account.accessKeyId ? undefined : sessionOf(local, accessKeyId, request);
    if (signature.service !== "execute-api") {
      throw invalid("Credential should be scoped to correct service: 'execute-api'.");
    }
    if (signature.region !== account.region) {
      throw invalid("Credential should be scoped to a valid region.");
    }
    await checkSignature(request, signature, (session?.keys ?? account).secretAccessKey, clock.now());
    if (session === undefined) {
      const { accountId } = account;
      return { accessKey: accessKeyId, userId: accountId, userArn: `arn:aws:iam::${accountId}:root` };
    }
    await sessions.authorize(session.keys, { action: "execute-api:Invoke", resource: methodArn });
    return { accessKey: accessKeyId, userId: session.userId, userArn: session.arn };
  } catch (error) {
    throw error instanceof AwsError ? new GatewayFault(403, error.message, error.code) : error;
  }
}

function sessionOf({ sessions }: Local, accessKeyId: string, { headers }: HttpRequest) {
  const unknown = new AwsError("UnrecognizedClientException", "The security token included in the request is invalid.");
  if (!accessKeyId.startsWith("ASIA")) {
    throw unknown;
  }
  try {
    return sessions.sessionOf(accessKeyId, headers["x-amz-security-token"]);
  } catch (error) {
    throw error instanceof AwsError ? unknown : error;
  }
}

const invalid = (message: string) => new AwsError("InvalidSignatureException", message);
