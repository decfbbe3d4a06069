/**
 * IAM, as far as it decides: sessions of roles, users' keys, and the evaluation of their policies for each request that they sign. Roles,
 * users and policies are kept by the service that answers for `iam`; here they are only read.
 */
import { ACCOUNT_ID, type Account } from "../../core/account";
import { notImplemented, notPartOfLocal } from "../../core/aws-error";
import type { Clock } from "../../core/clock";
import type { HttpRequest, HttpResponse, Service } from "../../core/http";
import type { Reach } from "../../core/local";
import type { ResourcePolicyAllows } from "../../core/recipients";
import { checkSignature, signatureOf } from "../../core/signature";
import { Authority, contextOf } from "./authority";
import { Gate, SESSION_KEY, USER_KEY } from "./gate";
import { Identities } from "./identities";
import { formOf, type Door } from "./permissions/call";
import { parsePolicy } from "./policy";
import { Propagation } from "./propagation";
import { queryError } from "./query-xml";
import { invalidToken, SessionStore } from "./sessions";
import { securityTokens } from "./sts";
import { permits } from "./trust";
import { Usage } from "./usage";

export type { Authority } from "./authority";
export { refusalResponse } from "./gate";

/** IAM of all accounts. */
export interface Iam {
  /**
   * Checks a request's signature. Returns the account whose keys made it, and the region for which it was made.
   *
   * @throws AwsError for a wrong signature, and for keys that were not given out
   */
  authenticate(request: HttpRequest): Promise<{ readonly accountId: string; readonly region: string }>;
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

/** Whose an access key is, and the secret that goes with it. */
interface KeyOwner {
  readonly accountId: string;
  readonly secretAccessKey: string;
}

/**
 * @param records where the service that keeps roles, users and policies listens
 * @param secretAccessKey of the own keys of all accounts
 * @param propagationSeconds of AWS until services see a new role or policy
 */
export function iam(clock: Clock, records: Reach, secretAccessKey: string, propagationSeconds: number): Iam {
  const identities = new Identities(records, new Propagation(clock, propagationSeconds));
  const sessions = new SessionStore();
  const usage = new Usage();
  const userSecrets = new Map<string, string>();

  const ownerOf = async (accessKeyId: string, sessionToken: string | undefined): Promise<KeyOwner> => {
    if (ACCOUNT_ID.test(accessKeyId)) {
      return { accountId: accessKeyId, secretAccessKey };
    }
    if (SESSION_KEY.test(accessKeyId)) {
      const { accountId, keys } = sessions.find(accessKeyId, sessionToken, clock.now());
      return { accountId, secretAccessKey: keys.secretAccessKey };
    }
    const user = USER_KEY.test(accessKeyId) ? await identities.userOfKey(accessKeyId) : undefined;
    const secret = userSecrets.get(accessKeyId);
    if (user === undefined || secret === undefined) {
      throw invalidToken();
    }
    return { accountId: user.accountId, secretAccessKey: secret };
  };

  return {
    async authenticate(request) {
      const now = clock.now();
      const signature = signatureOf(request);
      if (signature === undefined) {
        throw notPartOfLocal("a signature in the query (a presigned URL)");
      }
      const owner = await ownerOf(signature.accessKeyId, request.headers["x-amz-security-token"]);
      await checkSignature(request, signature, owner.secretAccessKey, now);
      return { accountId: owner.accountId, region: signature.region };
    },
    within({ account, records: kept, serviceFor }) {
      const authority = new Authority(account, clock, sessions, identities, usage);
      const gate = new Gate(account, clock, authority, identities, accountDoor(account, serviceFor));
      return {
        authority,
        sts: securityTokens(account, clock, authority, (request) => gate.signerOf(request), kept),
        records: remembering(kept, account, identities, userSecrets),
        refusal: (request) => gate.refusal(request),
      };
    },
    close: () => identities.close(),
  };
}

/** Forgets what was read when it may have changed, and notes the secrets of users' keys, which are told only once. */
function remembering(
  records: Service,
  { accountId }: Account,
  identities: Identities,
  userSecrets: Map<string, string>,
): Service {
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
      if (action === "CreateAccessKey") {
        const [id, secret] = ["AccessKeyId", "SecretAccessKey"].map((name) => textOf(response, name));
        if (id !== undefined && secret !== undefined) {
          userSecrets.set(id, secret);
        }
      }
      if (changes) {
        identities.forget();
      }
      return response;
    },
  };
}

function textOf({ body }: HttpResponse, element: string): string | undefined {
  return RegExp(`<${element}>([^<]+)</${element}>`).exec(Buffer.from(body).toString("utf8"))?.[1];
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
