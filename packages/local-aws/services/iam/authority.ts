import type { Account } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import type { Clock } from "../../core/clock";
import type { Permission, RoleSessions, SessionKeys } from "../../core/local";
import { evaluate, type AccessRequest, type Grant } from "./evaluate";
import { roleName, type Roles } from "./roles";
import type { Session, SessionStore } from "./sessions";
import { trusts, type Caller } from "./trust";
import type { Usage, UsedPermission } from "./usage";
import type { Context } from "./wildcard";

/** Decides what sessions may do, and notes what of their roles' policies they needed for it. */
export class Authority implements RoleSessions {
  constructor(
    private readonly account: Account,
    private readonly clock: Clock,
    readonly store: SessionStore,
    private readonly roles: Roles,
    private readonly usage: Usage,
  ) {}

  assume(roleArn: string, sessionName: string): SessionKeys {
    return this.store.create(roleArn, sessionName).keys;
  }

  async assumeAs(service: string, roleArn: string, sessionName: string): Promise<SessionKeys> {
    const context = { "aws:sourceaccount": this.account.accountId };
    const refused = `${service} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`;
    await this.checkTrust({ service }, roleArn, contextOf(context), refused);
    return this.assume(roleArn, sessionName);
  }

  /** @throws AwsError `AccessDenied` where the role does not exist or does not trust the caller */
  async checkTrust(caller: Caller, roleArn: string, context: Context, refused: string): Promise<void> {
    const role = await this.roles.get(roleName(roleArn));
    if (role === undefined || !trusts(role, caller, context)) {
      throw new AwsError("AccessDenied", refused, 403);
    }
  }

  async authorize(keys: SessionKeys, permission: Permission): Promise<void> {
    const session = this.store.find(keys.accessKeyId, keys.sessionToken, this.clock.now());
    const refusal = await this.refusal(session, permission);
    if (refusal !== undefined) {
      throw new AwsError("AccessDeniedException", refusal);
    }
  }

  /** Why a session may not do something, in AWS's words; `undefined` where it may. */
  async refusal(session: Session, permission: Permission): Promise<string | undefined> {
    const role = await this.roles.get(session.roleName);
    const refused = `User: ${session.arn} is not authorized to perform: ${permission.action} on resource: ${permission.resource}`;
    if (role === undefined) {
      return `${refused} because its role does not exist`;
    }
    const request = this.requestOf(session, permission);
    const decision = evaluate(role.policies, request, "identity-based policy");
    if (!decision.allowed) {
      return `${refused} ${decision.reason}`;
    }
    const bounded = role.boundary && evaluate([role.boundary], request, "permissions boundary");
    if (bounded?.allowed === false) {
      return `${refused} ${bounded.reason}`;
    }
    this.usage.note(role.arn, decision.grants, `${permission.action} ${permission.resource}`);
    return undefined;
  }

  /** The entries of a role's policies that its sessions have needed so far. */
  usedPermissions(roleArn: string): readonly UsedPermission[] {
    return this.usage.used(roleArn);
  }

  /** The entries that they have not. */
  async unusedPermissions(roleArn: string): Promise<readonly Grant[]> {
    const role = await this.roles.get(roleName(roleArn));
    if (role === undefined) {
      throw new AwsError("NoSuchEntity", `The role with name ${roleName(roleArn)} cannot be found.`, 404);
    }
    return this.usage.unused(role);
  }

  private requestOf({ roleArn, userId }: Session, { action, resource, context = {} }: Permission): AccessRequest {
    const now = this.clock.now();
    const everyRequest = {
      "aws:PrincipalArn": roleArn,
      "aws:PrincipalAccount": this.account.accountId,
      "aws:PrincipalType": "AssumedRole",
      "aws:PrincipalIsAWSService": "false",
      "aws:userid": userId,
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
