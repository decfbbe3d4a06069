/**
 * IAM, as far as it decides: sessions of roles, and the evaluation of their roles' policies for each request that they sign. Roles and
 * policies are kept by the service that answers for `iam`; here they are only read. Imports `core` and the AWS SDK.
 */
import type { Account } from "../../core/account";
import type { Clock } from "../../core/clock";
import type { HttpRequest, HttpResponse, Service } from "../../core/http";
import { Authority, contextOf } from "./authority";
import { Gate } from "./gate";
import { formOf, type Door } from "./permissions/call";
import { parsePolicy } from "./policy";
import { Roles } from "./roles";
import { SessionStore } from "./sessions";
import { securityTokens } from "./sts";
import { permits } from "./trust";
import { Usage } from "./usage";

export type { Grant } from "./evaluate";
export type { UsedPermission } from "./usage";
export type { Authority } from "./authority";

/** What the parts of IAM work with. */
export interface IamOptions {
  readonly clock: Clock;
  readonly account: Account;
  /** Keeps roles and policies, and answers what is not ours of STS. */
  readonly records: Service;
  /** Where `records` listens. */
  readonly recordsEndpoint: string;
  /** The service that answers a request; asked in the account's name for what only a service knows. */
  readonly serviceFor: (request: HttpRequest) => Service | undefined;
}

/** IAM and STS as the door of the local AWS uses them. */
export interface Iam {
  readonly authority: Authority;
  readonly sts: Service;
  /** Roles and policies: what the gate has read of them is forgotten when they change. */
  readonly records: Service;
  /** What a request that its signer may not make is answered; `undefined` lets it pass. */
  refusal(request: HttpRequest): Promise<HttpResponse | undefined>;
  close(): void;
}

export function iam({ clock, account, records, recordsEndpoint, serviceFor }: IamOptions): Iam {
  const roles = new Roles({ account, endpoint: recordsEndpoint });
  const authority = new Authority(account, clock, new SessionStore(account), roles, new Usage());
  const gate = new Gate(account, clock, authority, accountDoor(account, serviceFor));
  return {
    authority,
    sts: securityTokens(account, clock, authority, (request) => gate.sessionOf(request), records),
    records: {
      ...records,
      async handle(request) {
        const response = await records.handle(request);
        if (!/^(?:Get|List|Simulate)/.test(formOf(request).get("Action") ?? "")) {
          roles.forget();
        }
        return response;
      },
    },
    refusal: (request) => gate.refusal(request),
    close: () => roles.close(),
  };
}

/** Whether a resource's own policy, such as a topic's, lets a service of AWS do something with it on behalf of one of its resources. */
export function resourcePolicyAllows({ accountId }: Account) {
  return (
    policy: string,
    request: {
      readonly action: string;
      readonly resource: string;
      readonly service: string;
      readonly sourceArn: string;
    },
  ): boolean => {
    const { action, resource, service, sourceArn } = request;
    const context = contextOf({ "aws:SourceArn": sourceArn, "aws:SourceAccount": accountId });
    return permits(parsePolicy(`policy of ${resource}`, policy), { service }, { action, resource, context });
  };
}

function accountDoor({ accessKeyId, region }: Account, serviceFor: IamOptions["serviceFor"]): Door {
  return {
    async ask(
      signedName,
      { method = "GET", path = "/", query = new URLSearchParams(), headers = {}, body = Buffer.of() },
    ) {
      const scope = `${accessKeyId}/20000101/${region}/${signedName}/aws4_request`;
      const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
      const request = { method, path, query, headers: { host: "localhost", ...headers, authorization }, body };
      return (await serviceFor(request)?.handle(request)) ?? { status: 404, headers: {}, body: "" };
    },
  };
}
