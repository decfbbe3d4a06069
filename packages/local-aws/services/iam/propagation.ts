import type { Clock } from "../../core/clock";

/** A role as it was before a change, and until when services still see it so. */
interface Before<Role> {
  readonly role: Role | undefined;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** Calls of IAM that give a role something. What takes something away counts at once: what is gone is not seen for longer than on AWS. */
const GIVING = new Set(["CreateRole", "UpdateAssumeRolePolicy", "PutRolePolicy", "AttachRolePolicy"]);

/**
 * What services see of roles. IAM answers that a role or a policy is made before the services know it:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
 */
export class Propagation<Role> {
  private readonly before = new Map<string, readonly Before<Role>[]>();

  /** @param seconds of AWS until a change is seen */
  constructor(
    private readonly clock: Clock,
    private readonly seconds: number,
  ) {}

  /** Called before a call of IAM changes a role; `now` reads the role. */
  async note(action: string, roleKey: string, now: () => Promise<Role | undefined>): Promise<void> {
    if (action === "DeleteRole") {
      this.before.delete(roleKey);
    } else if (this.seconds > 0 && GIVING.has(action)) {
      const role = await now();
      const until = Date.now() + this.clock.real(this.seconds * 1000);
      this.before.set(roleKey, [...this.late(roleKey), { role, until }]);
    }
  }

  /** What services still see instead of the role as it is; `undefined` if they see that one. */
  seen(roleKey: string): Before<Role> | undefined {
    return this.late(roleKey)[0];
  }

  private late(roleKey: string): readonly Before<Role>[] {
    return (this.before.get(roleKey) ?? []).filter(({ until }) => until > Date.now());
  }
}
