import type { Account } from "../../core/account";
import { AwsError, notImplemented } from "../../core/aws-error";
import type { Clock } from "../../core/clock";
import type { HttpRequest, HttpResponse, Service } from "../../core/http";
import { contextOf, type Authority } from "./authority";
import { formOf } from "./permissions/call";
import { queryError, queryResult } from "./query-xml";
import type { Signer } from "./signer";

/** Parameters of `AssumeRole` that the local AWS would have to heed and does not. */
const UNKNOWN_PARAMETERS =
  /^(?:Policy|PolicyArns\..*|Tags\..*|TransitiveTagKeys\..*|SerialNumber|TokenCode|ProvidedContexts\..*)$/;
/** Operations that give out keys, which nobody would know here. */
const OTHER_KEYS = /^(?:AssumeRoleWith\w+|AssumeRoot|GetSessionToken|GetFederationToken)$/;
const DEFAULT_SECONDS = 3600;
const MIN_SECONDS = 900;
const MAX_SECONDS = 43_200;

/** STS: sessions of roles are ours, all the rest is answered by `others`. */
export function securityTokens(
  account: Account,
  clock: Clock,
  authority: Authority,
  signerOf: (request: HttpRequest) => Promise<Signer | undefined>,
  others: Service,
): Service {
  return {
    name: "STS",
    async handle(request) {
      try {
        const form = formOf(request);
        const action = form.get("Action") ?? "";
        const signer = await signerOf(request);
        if (action === "AssumeRole") {
          return await assumeRole(form, signer);
        }
        if (OTHER_KEYS.test(action)) {
          throw notImplemented("STS", action);
        }
        if (action === "GetCallerIdentity" && signer !== undefined) {
          const { arn: Arn, userId: UserId } = signer;
          return queryResult("sts", "GetCallerIdentity", { Arn, UserId, Account: account.accountId });
        }
        return await others.handle(request);
      } catch (error) {
        return queryError(error);
      }
    },
  };

  async function assumeRole(form: URLSearchParams, signer: Signer | undefined): Promise<HttpResponse> {
    const unknown = [...form.keys()].find((name) => UNKNOWN_PARAMETERS.test(name));
    if (unknown !== undefined) {
      throw notImplemented("STS", `AssumeRole with ${unknown}`);
    }
    const roleArn = required(form, "RoleArn");
    const root = `arn:aws:iam::${account.accountId}:root`;
    const own = signer === undefined ? [root] : [signer.identityArn, signer.arn];
    const refused = `User: ${signer?.arn ?? root} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`;
    const context = contextOf({
      "aws:PrincipalArn": signer?.identityArn ?? root,
      "aws:PrincipalAccount": account.accountId,
      "sts:RoleSessionName": form.get("RoleSessionName") ?? "",
      ...(form.has("ExternalId") ? { "sts:ExternalId": form.get("ExternalId") ?? "" } : {}),
    });
    // Of a caller that is named only as part of the account, the gate has asked its own policies before.
    await authority.checkTrust({ names: [...own, root, account.accountId] }, roleArn, context, refused);
    const expiresAt = new Date(clock.now().getTime() + secondsOf(form) * 1000);
    const { keys, arn, userId } = authority.store.create(roleArn, required(form, "RoleSessionName"), expiresAt);
    return queryResult("sts", "AssumeRole", {
      Credentials: {
        AccessKeyId: keys.accessKeyId,
        SecretAccessKey: keys.secretAccessKey,
        SessionToken: keys.sessionToken,
        Expiration: expiresAt.toISOString(),
      },
      AssumedRoleUser: { Arn: arn, AssumedRoleId: userId },
    });
  }
}

function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value === null || value === "") {
    throw new AwsError(
      "ValidationError",
      `1 validation error detected: Value at '${name}' failed to satisfy constraint: Member must not be null`,
    );
  }
  return value;
}

function secondsOf(form: URLSearchParams): number {
  const seconds = Number(form.get("DurationSeconds") ?? DEFAULT_SECONDS);
  if (!(seconds >= MIN_SECONDS && seconds <= MAX_SECONDS)) {
    throw new AwsError(
      "ValidationError",
      `DurationSeconds must be from ${MIN_SECONDS} to ${MAX_SECONDS}, got ${seconds}`,
    );
  }
  return seconds;
}
