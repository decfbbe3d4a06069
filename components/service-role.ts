import * as pulumi from "@pulumi/pulumi";
import * as iam from "@pulumi/aws/iam";
import { transform, type Transform } from "./support/transform";

/** One statement of an IAM policy, in IAM's own words. */
export interface Statement {
  readonly Effect?: "Allow" | "Deny";
  readonly Action: string | readonly string[];
  readonly Resource: pulumi.Input<string> | readonly pulumi.Input<string>[];
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, pulumi.Input<string> | readonly pulumi.Input<string>[]>>>
  >;
}

/** Arguments of {@link serviceRole}. */
export interface ServiceRoleArgs {
  /** What the role is for, shown in the IAM console. */
  readonly description: pulumi.Input<string>;
  /** The one AWS service that may assume it, such as `sagemaker.amazonaws.com`. */
  readonly service: string;
  /** All that it may do. */
  readonly statements: readonly pulumi.Input<Statement>[];
  /** @default - none */
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  /** @default - role and policy are as the component makes them */
  readonly transform?: RoleTransforms;
}

/** What a program changes of a role that a component makes, and of its policy. */
export interface RoleTransforms {
  /** The role. @default - as the component makes it */
  readonly role?: Transform<iam.RoleArgs>;
  /** The role's one policy. @default - as the component makes it */
  readonly policy?: Transform<iam.RolePolicyArgs>;
}

/** What {@link serviceRole} makes. */
export interface ServiceRole {
  /** ARN of the role. It resolves only once the policy is attached, so that nothing which takes it starts without its permissions. */
  readonly arn: pulumi.Output<string>;
  /** The role. @default - absent where a role of one's own is given */
  readonly role: iam.Role;
  /** All that it may do. @default - absent where a role of one's own is given */
  readonly policy: iam.RolePolicy;
}

/** A role for one actor: assumed by one service, with one inline policy. */
export function serviceRole(name: string, args: ServiceRoleArgs, parent: pulumi.Resource): ServiceRole {
  const opts = { parent };
  const role = new iam.Role(
    ...transform(
      args.transform?.role,
      name,
      {
        description: args.description,
        assumeRolePolicy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { Service: args.service }, Action: "sts:AssumeRole" }],
        }),
        tags: args.tags,
      },
      opts,
    ),
  );
  const policy = new iam.RolePolicy(
    ...transform(
      args.transform?.policy,
      name,
      {
        role: role.name,
        policy: pulumi.output(args.statements).apply((statements) =>
          JSON.stringify({
            Version: "2012-10-17",
            Statement: merged(statements.map((statement) => ({ Effect: "Allow", ...statement }))),
          }),
        ),
      },
      opts,
    ),
  );
  return { arn: pulumi.all([role.arn, policy.id]).apply(([arn]) => arn), role, policy };
}

type ResolvedStatement = pulumi.Unwrap<Statement>;

/**
 * The same in fewer characters, of which IAM takes 10,240 for a role: statements that differ in their actions alone become one, and then
 * those that differ in their resources alone; and one of something is written without a list.
 */
function merged(statements: readonly ResolvedStatement[]): ResolvedStatement[] {
  return mergedBy(mergedBy(statements, "Action"), "Resource").map((statement) => ({
    ...statement,
    Action: unlisted(statement.Action),
    Resource: unlisted(statement.Resource),
  }));
}

function unlisted<T extends string | readonly string[]>(value: T): T | string {
  const [first, ...others] = typeof value === "string" ? [value] : value;
  return first === undefined || others.length > 0 ? value : first;
}

function mergedBy(statements: readonly ResolvedStatement[], differing: "Action" | "Resource"): ResolvedStatement[] {
  const byAllElse = new Map<string, ResolvedStatement>();
  for (const statement of statements) {
    const { Effect, Action, Resource, Condition } = statement;
    const same = [differing === "Action" ? Resource : Action].flat();
    const key = JSON.stringify([Effect, same, Condition]);
    const before = byAllElse.get(key);
    const together = before && {
      ...before,
      [differing]: [...new Set([before[differing], statement[differing]].flat())],
    };
    byAllElse.set(key, together ?? statement);
  }
  return [...byAllElse.values()];
}
