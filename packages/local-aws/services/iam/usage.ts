import type { Grant } from "./evaluate";
import type { Identity } from "./identities";

/** An entry of a role's policies that requests have used. */
export interface UsedPermission extends Grant {
  /** What it let pass, such as `s3:PutObject arn:aws:s3:::bucket/key`; each once. */
  readonly calls: readonly string[];
}

/** Bounds what is kept of one entry: keys of objects can be many. */
const MAX_CALLS = 200;

/** Which entries of the roles' policies were ever needed. */
export class Usage {
  private readonly byRole = new Map<string, Map<string, Grant & { readonly calls: Set<string> }>>();

  note(roleArn: string, grants: readonly Grant[], call: string): void {
    const ofRole = this.byRole.get(roleArn) ?? new Map<string, Grant & { readonly calls: Set<string> }>();
    this.byRole.set(roleArn, ofRole);
    for (const grant of grants) {
      const entry = ofRole.get(key(grant)) ?? { ...grant, calls: new Set<string>() };
      ofRole.set(key(grant), entry);
      if (entry.calls.size < MAX_CALLS) {
        entry.calls.add(call);
      }
    }
  }

  used(roleArn: string): readonly UsedPermission[] {
    return [...(this.byRole.get(roleArn)?.values() ?? [])].map((entry) => ({
      ...entry,
      calls: [...entry.calls].sort(),
    }));
  }

  /** Each action of each allowing statement that no request has needed. */
  unused({ arn, policies }: Identity): readonly Grant[] {
    const used = this.byRole.get(arn);
    return policies
      .flatMap((policy) =>
        policy.statements
          .filter(({ effect }) => effect === "Allow")
          .flatMap(({ id, actions }) => {
            const patterns = actions.negated ? [`NotAction ${actions.patterns.join(", ")}`] : actions.patterns;
            return patterns.map((action) => ({ policy: policy.name, statement: id, action }));
          }),
      )
      .filter((grant) => used?.has(key(grant)) !== true);
  }
}

const key = ({ policy, statement, action }: Grant) => JSON.stringify([policy, statement, action]);
