import { evaluate } from "./evaluate";
import type { Policy, Principals } from "./policy";
import type { Role } from "./identities";
import type { Context } from "./wildcard";

/** Who asks: a service of AWS, or somebody of the account by all the names that a policy may call them. */
export type Caller = { readonly service: string } | { readonly names: readonly string[] };

/** Whether a role's trust policy lets a caller assume it. */
export function trusts(role: Role, caller: Caller, context: Context): boolean {
  return permits(role.trust, caller, { action: "sts:AssumeRole", resource: role.arn, context });
}

/** Whether a resource's own policy lets a caller do something with it. */
export function permits(
  policy: Policy,
  caller: Caller,
  request: { readonly action: string; readonly resource: string; readonly context: Context },
): boolean {
  const statements = policy.statements.filter(
    ({ principals }) => principals !== undefined && isNamed(principals, caller),
  );
  return evaluate([{ ...policy, statements }], request, "resource-based policy").allowed;
}

function isNamed(principals: Principals, caller: Caller): boolean {
  if (principals.anybody) {
    return true;
  }
  return "service" in caller
    ? principals.services.includes(caller.service)
    : principals.aws.some((name) => caller.names.includes(name));
}
