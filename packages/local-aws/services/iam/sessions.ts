import { createHash, randomBytes } from "node:crypto";
import { AwsError } from "../../core/aws-error";
import type { SessionKeys } from "../../core/local";
import { partsOfRole } from "./identities";
import type { Signer } from "./signer";

/** A role that somebody has assumed. */
export interface Session extends Signer {
  readonly keys: SessionKeys;
  /** In real time, as clients read it. @default - never: the service that made it would renew it in time */
  readonly expiresAt: Date | undefined;
}

/** How many sessions are remembered; keys of older ones are unknown. */
const MAX_SESSIONS = 10_000;

/** The sessions that were given out, by access key. */
export class SessionStore {
  private readonly byKey = new Map<string, Session>();

  /** In the account of the role. */
  create(roleArn: string, sessionName: string, expiresAt?: Date): Session {
    if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
      throw new AwsError(
        "ValidationError",
        `1 validation error detected: Value '${sessionName}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*`,
      );
    }
    const { accountId, name } = partsOfRole(roleArn);
    const keys = {
      accessKeyId: `ASIA${randomText(16)}`,
      secretAccessKey: randomBytes(30).toString("base64"),
      sessionToken: randomBytes(96).toString("base64"),
    };
    const session: Session = {
      type: "AssumedRole",
      keys,
      accountId,
      identityArn: roleArn,
      arn: `arn:aws:sts::${accountId}:assumed-role/${name}/${sessionName}`,
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
      throw invalidToken();
    }
    if (session.expiresAt !== undefined && session.expiresAt <= now) {
      throw new AwsError("ExpiredToken", "The security token included in the request is expired", 403);
    }
    return session;
  }
}

/** What AWS answers to a key that it does not know. */
export function invalidToken(): AwsError {
  return new AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403);
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
