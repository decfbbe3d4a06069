import { AddPermissionCommand, GetPolicyCommand, RemovePermissionCommand } from "@aws-sdk/client-lambda";
import { AwsError } from "../../core/aws-error";
import { operation, type Operation } from "../../core/operation";
import type { LambdaContext } from "./context";
import { functionArn, type FunctionReference } from "./names";
import { notPlayed } from "./settings";
import { checkRevision, newRevision, type LambdaFunction, type Policy, type Statement } from "./store";

/**
 * Resource policies: one for the function, one for each of its versions and aliases.
 * https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
 */
export function permissionOperations({ store }: LambdaContext): readonly Operation[] {
  const { account } = store;

  const owned = (reference: FunctionReference): { owner: LambdaFunction; key: string; policy: Policy | undefined } => {
    const owner = store.get(reference);
    store.qualified(owner, reference.qualifier);
    const key = reference.qualifier ?? "";
    return { owner, key, policy: owner.policies.get(key) };
  };

  return [
    operation(AddPermissionCommand, (input) => {
      for (const name of ["FunctionUrlAuthType", "EventSourceToken", "PrincipalOrgID"] as const) {
        if (input[name] !== undefined) {
          throw notPlayed(name, input[name]);
        }
      }
      const reference = store.reference(input.FunctionName, input.Qualifier);
      const { owner, key, policy } = owned(reference);
      checkRevision(input.RevisionId, policy?.revisionId ?? "", "GetPolicy");
      const before = policy?.statements ?? [];
      if (before.some((statement) => statement.Sid === input.StatementId)) {
        throw new AwsError(
          "ResourceConflictException",
          `The statement id (${input.StatementId}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
          409,
          { Type: "User" },
        );
      }
      const statement: Statement = {
        Sid: input.StatementId,
        Effect: "Allow",
        Principal: principal(input.Principal),
        Action: input.Action,
        Resource: functionArn(account, owner.name, reference.qualifier),
        ...condition(input.SourceArn, input.SourceAccount),
      };
      owner.policies.set(key, { statements: [...before, statement], revisionId: newRevision() });
      return { Statement: JSON.stringify(statement) };
    }),

    operation(GetPolicyCommand, (input) => {
      const { policy } = owned(store.reference(input.FunctionName, input.Qualifier));
      if (policy === undefined) {
        throw noPolicy("The resource you requested does not exist.");
      }
      return {
        Policy: JSON.stringify({ Version: "2012-10-17", Id: "default", Statement: policy.statements }),
        RevisionId: policy.revisionId,
      };
    }),

    operation(RemovePermissionCommand, (input) => {
      const { owner, key, policy } = owned(store.reference(input.FunctionName, input.Qualifier));
      const left = policy?.statements.filter((statement) => statement.Sid !== input.StatementId);
      if (policy === undefined || left === undefined || left.length === policy.statements.length) {
        throw noPolicy(
          policy === undefined
            ? "No policy is associated with the given resource."
            : `Statement ${input.StatementId} is not found in resource policy.`,
        );
      }
      checkRevision(input.RevisionId, policy.revisionId, "GetPolicy");
      if (left.length === 0) {
        owner.policies.delete(key);
      } else {
        owner.policies.set(key, { statements: left, revisionId: newRevision() });
      }
      return {};
    }),
  ];
}

function principal(text: string): Statement["Principal"] {
  if (text === "*") {
    return "*";
  }
  if (/^\d{12}$/.test(text)) {
    return { AWS: `arn:aws:iam::${text}:root` };
  }
  return text.startsWith("arn:") ? { AWS: text } : { Service: text };
}

function condition(sourceArn: string | undefined, sourceAccount: string | undefined): Pick<Statement, "Condition"> {
  return sourceArn === undefined && sourceAccount === undefined
    ? {}
    : {
        Condition: {
          ...(sourceAccount === undefined ? {} : { StringEquals: { "AWS:SourceAccount": sourceAccount } }),
          ...(sourceArn === undefined ? {} : { ArnLike: { "AWS:SourceArn": sourceArn } }),
        },
      };
}

function noPolicy(message: string): AwsError {
  return new AwsError("ResourceNotFoundException", message, 404, { Type: "User" });
}
