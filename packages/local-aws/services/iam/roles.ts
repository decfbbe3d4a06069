import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
} from "@aws-sdk/client-iam";
import { AwsError } from "../../core/aws-error";
import { clientConfig, type Local } from "../../core/local";
import { parsePolicy, type Policy } from "./policy";

/** A role as far as it decides what its sessions may do. */
export interface Role {
  readonly arn: string;
  readonly trust: Policy;
  /** Inline and attached. */
  readonly policies: readonly Policy[];
  readonly boundary: Policy | undefined;
}

/** Reads roles and their policies from the service that keeps them, and remembers them until something in IAM is changed. */
export class Roles {
  private readonly client: IAMClient;
  private readonly known = new Map<string, Promise<Role | undefined>>();

  /** @param iam where the service that keeps roles is reached */
  constructor(iam: Pick<Local, "account" | "endpoint">) {
    this.client = new IAMClient(clientConfig(iam));
  }

  /** `undefined` where there is no such role. */
  get(name: string): Promise<Role | undefined> {
    const known = this.known.get(name);
    if (known !== undefined) {
      return known;
    }
    const read = this.read(name);
    this.known.set(name, read);
    read.catch(() => this.known.delete(name));
    return read;
  }

  /** Forgets what was read; called whenever something in IAM may have changed. */
  forget(): void {
    this.known.clear();
  }

  close(): void {
    this.client.destroy();
  }

  private async read(RoleName: string): Promise<Role | undefined> {
    const role = await this.role(RoleName);
    if (role?.Arn === undefined) {
      return undefined;
    }
    const boundary = role.PermissionsBoundary?.PermissionsBoundaryArn;
    return {
      arn: role.Arn,
      trust: parsePolicy(`trust policy of ${RoleName}`, decodeURIComponent(role.AssumeRolePolicyDocument ?? "{}")),
      policies: [...(await this.inline(RoleName)), ...(await this.attached(RoleName))],
      boundary: boundary === undefined ? undefined : await this.managed(boundary),
    };
  }

  private async role(RoleName: string) {
    try {
      return (await this.client.send(new GetRoleCommand({ RoleName }))).Role;
    } catch (error) {
      if (error instanceof Error && error.name.startsWith("NoSuchEntity")) {
        return undefined;
      }
      throw error;
    }
  }

  private async inline(RoleName: string): Promise<readonly Policy[]> {
    const { PolicyNames = [] } = await this.client.send(new ListRolePoliciesCommand({ RoleName }));
    return Promise.all(
      PolicyNames.map(async (PolicyName) => {
        const { PolicyDocument = "" } = await this.client.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
        return parsePolicy(PolicyName, decodeURIComponent(PolicyDocument));
      }),
    );
  }

  private async attached(RoleName: string): Promise<readonly Policy[]> {
    const { AttachedPolicies = [] } = await this.client.send(new ListAttachedRolePoliciesCommand({ RoleName }));
    return Promise.all(AttachedPolicies.map(({ PolicyArn = "" }) => this.managed(PolicyArn)));
  }

  private async managed(PolicyArn: string): Promise<Policy> {
    const { Policy: policy } = await this.client.send(new GetPolicyCommand({ PolicyArn }));
    const VersionId = policy?.DefaultVersionId ?? "v1";
    const { PolicyVersion } = await this.client.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }));
    return parsePolicy(PolicyArn, decodeURIComponent(PolicyVersion?.Document ?? ""));
  }
}

/** The name that a role's ARN ends with; before it, there may be a path. */
export function roleName(roleArn: string): string {
  const [, name] = /^arn:aws:iam::\d{12}:role\/(?:.*\/)?([^/]+)$/.exec(roleArn) ?? [];
  if (name === undefined) {
    throw new AwsError("ValidationError", `${roleArn} is not the ARN of a role`);
  }
  return name;
}
