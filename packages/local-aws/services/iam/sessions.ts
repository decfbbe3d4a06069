import { createHash, randomBytes } from "node:crypto";
import type { Account } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import type { SessionKeys } from "../../core/local";
import { roleName } from "./roles";

/** A role that somebody has assumed. */
export interface Session {
  readonly keys: SessionKeys;
  readonly roleArn: string;
  readonly roleName: string;
  /** Such as `arn:aws:sts::123456789012:assumed-role/deploy/build-1`. */
  readonly arn: string;
  /** IAM's `aws:userid`: the role's id and the session's name. */
  readonly userId: string;
  /** In real time, as clients read it. @default - never: the service that made it would renew it in time */
  readonly expiresAt: Date | undefined;
}

/** How many sessions are remembered; keys of older ones are unknown. */
const MAX_SESSIONS = 10_000;

/** The sessions that were given out, by access key. */
export class SessionStore {
  private readonly byKey = new Map<string, Session>();

  constructor(private readonly account: Account) {}

  create(roleArn: string, sessionName: string, expiresAt?: Date): Session {
    if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
      throw new AwsError(
        "ValidationError",
        `1 validation error detected: Value '${sessionName}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*`,
      );
    }
    const name = roleName(roleArn);
    const keys = {
      accessKeyId: `ASIA${randomText(16)}`,
      secretAccessKey: randomBytes(30).toString("base64"),
      sessionToken: randomBytes(96).toString("base64"),
    };
    const session = {
      keys,
      roleArn,
      roleName: name,
      arn: `arn:aws:sts::${this.account.accountId}:assumed-role/${name}/${sessionName}`,
      userId: `${roleId(roleArn)}:${sessionName}`,
      expiresAt,
    };
    this.byKey.set(keys.accessKeyId, session);
    const [oldest] = this.byKey.keys();
    if (this.byKey.size > MAX_SESSIONS && oldest !== undefined) {
      this.byKey.delete(oldest);
    }
    return session;
  }

  /**
   * The session that keys belong to.
   *
   * @throws AwsError `InvalidClientTokenId` for keys that were never given out, `ExpiredToken`
   */
  find(accessKeyId: string, sessionToken: string | undefined, now: Date): Session {
    const session = this.byKey.get(accessKeyId);
    if (session === undefined || session.keys.sessionToken !== sessionToken) {
      throw new AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403);
    }
    if (session.expiresAt !== undefined && session.expiresAt <= now) {
      throw new AwsError("ExpiredToken", "The security token included in the request is expired", 403);
    }
    return session;
  }
}

const CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function randomText(length: number): string {
  return [...randomBytes(length)].map((byte) => CHARACTERS[byte % CHARACTERS.length] ?? "A").join("");
}

/** An id of AWS's form, the same for the same role. */
function roleId(roleArn: string): string {
  const digest = createHash("sha256").update(roleArn).digest();
  return `AROA${[...digest.subarray(0, 17)].map((byte) => CHARACTERS[byte % CHARACTERS.length] ?? "A").join("")}`;
}
