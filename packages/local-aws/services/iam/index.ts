/**
 * IAM, as far as it decides: sessions of roles, users' keys, and the evaluation of their policies for each request that they sign. Roles,
 * users and policies are kept by the service that answers for `iam`; here they are only read.
 */
import { ACCOUNT_ID, type Account } from "../../core/account";
import { notImplemented } from "../../core/aws-error";
import type { Clock } from "../../core/clock";
import { credentialOf, type HttpRequest, type HttpResponse, type Service } from "../../core/http";
import type { ResourcePolicyAllows } from "../../core/recipients";
import { Authority, contextOf } from "./authority";
import { Gate, SESSION_KEY, USER_KEY } from "./gate";
import { Identities } from "./identities";
import { formOf, type Door } from "./permissions/call";
import { parsePolicy } from "./policy";
import { Propagation } from "./propagation";
import { queryError } from "./query-xml";
import { SessionStore } from "./sessions";
import { securityTokens } from "./sts";
import { permits } from "./trust";
import { Usage } from "./usage";

export type { Authority } from "./authority";
export { refusalResponse } from "./gate";

/** IAM of all accounts. */
export interface Iam {
  /** The account whom the keys belong to that a request is signed with. Keys that are nobody's belong to the default account. */
  accountIdOf(request: HttpRequest): Promise<string>;
  /** IAM and STS as the door of one account and region uses them. */
  within(options: DoorOptions): IamDoor;
  close(): void;
}

/** What the door of an account in a region works with. */
interface DoorOptions {
  readonly account: Account;
  /** Keeps roles, users and policies, and answers what is not ours of STS. */
  readonly records: Service;
  /** The service that answers a request; asked in the account's name for what only a service knows. */
  readonly serviceFor: (request: HttpRequest) => Service;
}

interface IamDoor {
  readonly authority: Authority;
  readonly sts: Service;
  /** Roles, users and policies: what was read of them is forgotten when they change. */
  readonly records: Service;
  /** What a request that its signer may not make is answered; `undefined` lets it pass. */
  refusal(request: HttpRequest): Promise<HttpResponse | undefined>;
}

/**
 * @param recordsEndpoint where the service that keeps roles, users and policies listens
 * @param defaultAccountId whose keys are those that have no form of AWS's, such as `test`
 * @param propagationSeconds of AWS until services see a new role or policy
 */
export function iam(clock: Clock, recordsEndpoint: string, defaultAccountId: string, propagationSeconds: number): Iam {
  const identities = new Identities(recordsEndpoint, new Propagation(clock, propagationSeconds));
  const sessions = new SessionStore();
  const usage = new Usage();
  return {
    async accountIdOf(request) {
      const accessKeyId = credentialOf(request)?.accessKeyId ?? "";
      if (ACCOUNT_ID.test(accessKeyId)) {
        return accessKeyId;
      }
      const owner = SESSION_KEY.test(accessKeyId)
        ? sessions.accountIdOf(accessKeyId)
        : USER_KEY.test(accessKeyId) && (await identities.userOfKey(accessKeyId))?.accountId;
      return owner || defaultAccountId;
    },
    within({ account, records, serviceFor }) {
      const authority = new Authority(account, clock, sessions, identities, usage);
      const gate = new Gate(account, clock, authority, identities, accountDoor(account, serviceFor));
      return {
        authority,
        sts: securityTokens(account, clock, authority, (request) => gate.signerOf(request), records),
        records: remembering(records, account, identities),
        refusal: (request) => gate.refusal(request),
      };
    },
    close: () => identities.close(),
  };
}

function remembering(records: Service, { accountId }: Account, identities: Identities): Service {
  return {
    ...records,
    async handle(request) {
      const form = formOf(request);
      const action = form.get("Action") ?? "";
      if (action === "CreateUser" && form.has("PermissionsBoundary")) {
        return queryError(notImplemented("IAM", "CreateUser with PermissionsBoundary"));
      }
      const changes = !/^(?:Get|List|Simulate)/.test(action);
      const roleName = form.get("RoleName");
      if (changes && roleName !== null) {
        await identities.beforeChange(action, accountId, roleName);
      }
      const response = await records.handle(request);
      if (changes) {
        identities.forget();
      }
      return response;
    },
  };
}

/** Whether a resource's own policy, such as a topic's, lets a service of AWS do something with it on behalf of one of its resources. */
export function resourcePolicyAllows({ accountId }: Account): ResourcePolicyAllows {
  return (policy, { action, resource, service, sourceArn, context: further = {} }) => {
    const context = contextOf({ ...further, "aws:SourceArn": sourceArn, "aws:SourceAccount": accountId });
    return permits(parsePolicy(`policy of ${resource}`, policy), { service }, { action, resource, context });
  };
}

function accountDoor({ accessKeyId, region }: Account, serviceFor: DoorOptions["serviceFor"]): Door {
  return {
    async ask(
      signedName,
      { method = "GET", path = "/", query = new URLSearchParams(), headers = {}, body = Buffer.of() },
    ) {
      const scope = `${accessKeyId}/20000101/${region}/${signedName}/aws4_request`;
      const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
      const request = { method, path, query, headers: { host: "localhost", ...headers, authorization }, body };
      return serviceFor(request).handle(request);
    },
  };
}
