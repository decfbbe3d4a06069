import {
  GetAccessKeyLastUsedCommand,
  GetRoleCommand,
  GetUserCommand,
  IAMClient,
  ListAccessKeysCommand,
} from "@aws-sdk/client-iam";
import { GetAccessKeyInfoCommand, STSClient } from "@aws-sdk/client-sts";
import { accountIn, LOCAL_ACCOUNT } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import { clientConfig, type Reach } from "../../core/local";
import { managedPolicy, policiesOfRole, policiesOfUser } from "./policies-of";
import { parsePolicy, type Policy } from "./policy";
import type { Propagation } from "./propagation";
import type { Signer } from "./signer";

/** A role or a user, as far as it decides what may be done in its name. */
export interface Identity {
  readonly arn: string;
  /** Inline and attached; a user's groups' too. */
  readonly policies: readonly Policy[];
  readonly boundary: Policy | undefined;
}

export interface Role extends Identity {
  readonly trust: Policy;
}

/**
 * Reads roles, users and their policies from the service that keeps them, and remembers them until something in IAM is changed. IAM
 * knows no regions, so all regions of all accounts share this.
 */
export class Identities {
  private readonly clients = new Map<string, IAMClient>();
  private readonly tokens: STSClient;
  private readonly roles = new Map<string, Promise<Role | undefined>>();
  private readonly users = new Map<string, Promise<Identity | undefined>>();
  private readonly signers = new Map<string, Promise<Signer | undefined>>();

  /** @param reach where the service that keeps them is reached */
  constructor(
    private readonly reach: Reach,
    private readonly propagation: Propagation<Role>,
  ) {
    this.tokens = new STSClient(clientConfig({ account: LOCAL_ACCOUNT, ...reach }));
  }

  /** The role as services see it; `undefined` if there is none, or none yet. */
  role(roleArn: string): Promise<Role | undefined> {
    const { accountId, name } = partsOfRole(roleArn);
    const before = this.propagation.seen(`${accountId}/${name}`);
    return before === undefined ? this.roleNow(accountId, name) : Promise.resolve(before.role);
  }

  /** The role or the user that a signer acts as; `undefined` if it is gone. */
  of(signer: Signer): Promise<Identity | undefined> {
    return signer.userName === undefined ? this.role(signer.identityArn) : this.user(signer.accountId, signer.userName);
  }

  /** The user whom an access key belongs to; `undefined` if it is nobody's, or is not active. */
  userOfKey(accessKeyId: string): Promise<Signer | undefined> {
    return remembered(this.signers, accessKeyId, () => this.readKey(accessKeyId));
  }

  /** Called before a call of IAM that may change a role. */
  beforeChange(action: string, accountId: string, roleName: string): Promise<void> {
    return this.propagation.note(action, `${accountId}/${roleName}`, () => this.roleNow(accountId, roleName));
  }

  /** Forgets what was read; called whenever something in IAM may have changed. */
  forget(): void {
    for (const known of [this.roles, this.users, this.signers]) {
      known.clear();
    }
  }

  close(): void {
    this.tokens.destroy();
    for (const client of this.clients.values()) {
      client.destroy();
    }
  }

  private roleNow(accountId: string, name: string): Promise<Role | undefined> {
    return remembered(this.roles, `${accountId}/${name}`, () => this.readRole(this.iamOf(accountId), name));
  }

  private user(accountId: string, name: string): Promise<Identity | undefined> {
    return remembered(this.users, `${accountId}/${name}`, () => this.readUser(this.iamOf(accountId), name));
  }

  private iamOf(accountId: string): IAMClient {
    const account = accountIn(accountId, LOCAL_ACCOUNT.region);
    const client = this.clients.get(accountId) ?? new IAMClient(clientConfig({ account, ...this.reach }));
    this.clients.set(accountId, client);
    return client;
  }

  private async readRole(iam: IAMClient, RoleName: string): Promise<Role | undefined> {
    const role = (await unlessMissing(iam.send(new GetRoleCommand({ RoleName }))))?.Role;
    if (role?.Arn === undefined) {
      return undefined;
    }
    const boundary = role.PermissionsBoundary?.PermissionsBoundaryArn;
    return {
      arn: role.Arn,
      trust: parsePolicy(`trust policy of ${RoleName}`, decodeURIComponent(role.AssumeRolePolicyDocument ?? "{}")),
      policies: await policiesOfRole(iam, RoleName),
      boundary: boundary === undefined ? undefined : await managedPolicy(iam, boundary),
    };
  }

  private async readUser(iam: IAMClient, UserName: string): Promise<Identity | undefined> {
    const user = (await unlessMissing(iam.send(new GetUserCommand({ UserName }))))?.User;
    return user?.Arn === undefined
      ? undefined
      : { arn: user.Arn, policies: await policiesOfUser(iam, UserName), boundary: undefined };
  }

  private async readKey(AccessKeyId: string): Promise<Signer | undefined> {
    const command = new GetAccessKeyLastUsedCommand({ AccessKeyId });
    const used = await unlessMissing(this.iamOf(LOCAL_ACCOUNT.accountId).send(command));
    const { Account: accountId = "" } = await this.tokens.send(new GetAccessKeyInfoCommand({ AccessKeyId }));
    const UserName = used?.UserName;
    if (UserName === undefined) {
      return undefined;
    }
    const iam = this.iamOf(accountId);
    const { AccessKeyMetadata = [] } = await iam.send(new ListAccessKeysCommand({ UserName }));
    const key = AccessKeyMetadata.find((one) => one.AccessKeyId === AccessKeyId);
    const { User: user } = await iam.send(new GetUserCommand({ UserName }));
    return key?.Status !== "Active" || user?.Arn === undefined
      ? undefined
      : {
          type: "User",
          accountId,
          arn: user.Arn,
          identityArn: user.Arn,
          userId: user.UserId ?? "",
          userName: UserName,
        };
  }
}

function remembered<T>(known: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> {
  const before = known.get(key);
  if (before !== undefined) {
    return before;
  }
  const reading = read();
  known.set(key, reading);
  reading.catch(() => known.delete(key));
  return reading;
}

async function unlessMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && error.name.startsWith("NoSuchEntity")) {
      return undefined;
    }
    throw error;
  }
}

/**
 * The account and the name in a role's ARN; before the name, there may be a path.
 *
 * @throws AwsError `ValidationError`
 */
export function partsOfRole(roleArn: string): { readonly accountId: string; readonly name: string } {
  const [, accountId, name] = /^arn:aws:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(roleArn) ?? [];
  if (accountId === undefined || name === undefined) {
    throw new AwsError("ValidationError", `${roleArn} is not the ARN of a role`);
  }
  return { accountId, name };
}
