import { holds } from "./conditions";
import type { Policy, Selection, Statement } from "./policy";
import { arnLike, like, type Context } from "./wildcard";

/** One thing that somebody wants to do. */
export interface AccessRequest {
  /** Such as `s3:PutObject`. */
  readonly action: string;
  /** ARN, or `*` for an action without resources. */
  readonly resource: string;
  readonly context: Context;
}

/** An entry of a policy that let a request pass. */
export interface Grant {
  readonly policy: string;
  readonly statement: string;
  /** The pattern of its `Action`. */
  readonly action: string;
}

/** What a set of policies says to a request. */
export type Decision =
  | { readonly allowed: true; readonly grants: readonly Grant[] }
  /** `reason` ends a sentence such as "… is not authorized to perform …", in AWS's words. */
  | { readonly allowed: false; readonly reason: string };

/** What kind of policies these are, as AWS's errors call them. */
export type PolicyKind = "identity-based policy" | "permissions boundary" | "resource-based policy";

/**
 * Decides by AWS's rule: denied unless a statement allows it and none denies it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 *
 * A condition operator that the local AWS does not know denies whatever its statement is about, and the reason names it.
 */
export function evaluate(policies: readonly Policy[], request: AccessRequest, kind: PolicyKind): Decision {
  const grants: Grant[] = [];
  let denied = false;
  for (const policy of policies) {
    for (const statement of policy.statements) {
      const action = actionPattern(statement, request);
      if (action === undefined || !isAbout(statement.resources, request)) {
        continue;
      }
      const results = statement.conditions.map((condition) => ({ condition, met: holds(condition, request.context) }));
      const unknown = results.find(({ met }) => met === undefined);
      if (unknown !== undefined) {
        const where = `statement ${statement.id} of ${policy.name}`;
        const { operator } = unknown.condition;
        return {
          allowed: false,
          reason: `because the local AWS does not know the condition operator ${operator} in ${where}`,
        };
      }
      if (results.every(({ met }) => met)) {
        denied ||= statement.effect === "Deny";
        grants.push({ policy: policy.name, statement: statement.id, action });
      }
    }
  }
  if (denied) {
    return { allowed: false, reason: `with an explicit deny in ${article(kind)} ${kind}` };
  }
  return grants.length > 0
    ? { allowed: true, grants }
    : { allowed: false, reason: `because no ${kind} allows the ${request.action} action` };
}

/** The pattern by which a statement means the request's action. */
function actionPattern({ actions }: Statement, { action }: AccessRequest): string | undefined {
  const found = actions.patterns.find((pattern) => like(pattern.toLowerCase(), action.toLowerCase()));
  if (actions.negated) {
    return found === undefined ? `NotAction ${actions.patterns.join(", ")}` : undefined;
  }
  return found;
}

function isAbout(resources: Selection | undefined, { resource, context }: AccessRequest): boolean {
  if (resources === undefined) {
    return true;
  }
  return resources.patterns.some((pattern) => arnLike(pattern, resource, context)) !== resources.negated;
}

const article = (kind: PolicyKind) => (kind.startsWith("identity") ? "an" : "a");
