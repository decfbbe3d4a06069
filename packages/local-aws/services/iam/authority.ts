import type { Account } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import type { Clock } from "../../core/clock";
import type { Permission, RoleSession, RoleSessions, SessionKeys } from "../../core/local";
import { evaluate, type AccessRequest, type Grant } from "./evaluate";
import { partsOfRole, type Identities } from "./identities";
import { invalidToken, type SessionStore } from "./sessions";
import type { Signer } from "./signer";
import { trusts, type Caller } from "./trust";
import type { Usage, UsedPermission } from "./usage";
import type { Context } from "./wildcard";

/** Decides what sessions and users may do in one account and region, and notes what of their policies they needed for it. */
export class Authority implements RoleSessions {
  constructor(
    private readonly account: Account,
    private readonly clock: Clock,
    readonly store: SessionStore,
    private readonly identities: Identities,
    private readonly usage: Usage,
  ) {}

  assume(roleArn: string, sessionName: string): SessionKeys {
    return this.store.create(roleArn, sessionName).keys;
  }

  async assumeAs(service: string, roleArn: string, sessionName: string): Promise<SessionKeys> {
    const context = { "aws:sourceaccount": this.account.accountId };
    const refused = `${service} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`;
    if (partsOfRole(roleArn).accountId !== this.account.accountId) {
      throw new AwsError(
        "AccessDenied",
        `${refused} because it is not a role of account ${this.account.accountId}`,
        403,
      );
    }
    await this.checkTrust({ service }, roleArn, contextOf(context), refused);
    return this.assume(roleArn, sessionName);
  }

  /** @throws AwsError `AccessDenied` if the role does not exist or does not trust the caller */
  async checkTrust(caller: Caller, roleArn: string, context: Context, refused: string): Promise<void> {
    const role = await this.identities.role(roleArn);
    if (role === undefined || !trusts(role, caller, context)) {
      throw new AwsError("AccessDenied", refused, 403);
    }
  }

  sessionOf(accessKeyId: string, sessionToken: string | undefined): RoleSession {
    const session = this.store.find(accessKeyId, sessionToken, this.clock.now());
    if (session.accountId !== this.account.accountId) {
      throw invalidToken();
    }
    return session;
  }

  async authorize(keys: SessionKeys, permission: Permission): Promise<void> {
    const session = this.store.find(keys.accessKeyId, keys.sessionToken, this.clock.now());
    const refusal = await this.refusal(session, permission);
    if (refusal !== undefined) {
      throw new AwsError("AccessDeniedException", refusal);
    }
  }

  /** Why a session or a user may not do something, in AWS's words; `undefined` if it may. */
  async refusal(signer: Signer, permission: Permission): Promise<string | undefined> {
    const identity = await this.identities.of(signer);
    const refused = `User: ${signer.arn} is not authorized to perform: ${permission.action} on resource: ${permission.resource}`;
    if (identity === undefined) {
      return `${refused} because ${signer.identityArn} does not exist`;
    }
    const request = this.requestOf(signer, permission);
    const decision = evaluate(identity.policies, request, "identity-based policy");
    if (!decision.allowed) {
      return `${refused} ${decision.reason}`;
    }
    const bounded = identity.boundary && evaluate([identity.boundary], request, "permissions boundary");
    if (bounded?.allowed === false) {
      return `${refused} ${bounded.reason}`;
    }
    this.usage.note(identity.arn, decision.grants, `${permission.action} ${permission.resource}`);
    return undefined;
  }

  /** The entries of a role's policies that its sessions have needed so far. */
  usedPermissions(roleArn: string): readonly UsedPermission[] {
    return this.usage.used(roleArn);
  }

  /** The entries that they have not. */
  async unusedPermissions(roleArn: string): Promise<readonly Grant[]> {
    const role = await this.identities.role(roleArn);
    if (role === undefined) {
      throw new AwsError("NoSuchEntity", `The role with name ${partsOfRole(roleArn).name} cannot be found.`, 404);
    }
    return this.usage.unused(role);
  }

  private requestOf(
    { type, accountId, identityArn, userId, userName }: Signer,
    { action, resource, context = {} }: Permission,
  ): AccessRequest {
    const now = this.clock.now();
    const everyRequest = {
      "aws:PrincipalArn": identityArn,
      "aws:PrincipalAccount": accountId,
      "aws:PrincipalType": type,
      "aws:PrincipalIsAWSService": "false",
      "aws:userid": userId,
      ...(userName === undefined ? {} : { "aws:username": userName }),
      "aws:ResourceAccount": this.account.accountId,
      "aws:RequestedRegion": this.account.region,
      // As it would be on AWS: what is a plain connection here is TLS there.
      "aws:SecureTransport": "true",
      "aws:CurrentTime": now.toISOString(),
      "aws:EpochTime": String(Math.floor(now.getTime() / 1000)),
    };
    return { action, resource, context: contextOf({ ...everyRequest, ...context }) };
  }
}

/** @param values by condition key; an empty list is a key that is not there */
export function contextOf(values: Readonly<Record<string, string | readonly string[]>>): Context {
  return new Map(
    Object.entries(values).map(([key, value]) => [key.toLowerCase(), typeof value === "string" ? [value] : value]),
  );
}
