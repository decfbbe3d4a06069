import { createHash, randomBytes } from "node:crypto";
import type { AutoName } from "./properties";

/** Digits of the random end of a made-up name; the AWS provider's own number. */
const RANDOM_DIGITS = 7;

/** What the user has said about names by the setting `pulumi:autonaming`. */
export interface NamingRule {
  /** `propose` may be changed to fit, `enforce` may not, `disable` asks the program for every name. */
  readonly mode: "propose" | "enforce" | "disable";
  readonly proposedName: string;
}

/** What a name is made of. */
export interface NameRequest {
  readonly autoName: AutoName;
  readonly logicalName: string;
  /** From the engine: the same for the same step of the same update, so that a preview tells the name. */
  readonly seed: Uint8Array;
  /** The value of the argument that `autoName.prefixFrom` names. */
  readonly givenPrefix: string | undefined;
  readonly rule: NamingRule | undefined;
}

/** Makes up a physical name, or explains why it cannot. */
export function makeName(request: NameRequest): { readonly name: string } | { readonly reason: string } {
  const { autoName, logicalName, givenPrefix, rule } = request;
  if (rule?.mode === "disable") {
    return { reason: "is required, since automatic naming is disabled by pulumi:autonaming" };
  }
  if (rule !== undefined) {
    const fits = rule.proposedName.length <= autoName.maxLength;
    const reason = `the name "${rule.proposedName}" proposed by pulumi:autonaming is longer than ${autoName.maxLength}`;
    return fits ? { name: (autoName.prefix ?? "") + rule.proposedName } : { reason };
  }
  const ownName = autoName.lowerCase === true ? logicalName.toLowerCase() : logicalName;
  const start = givenPrefix ?? `${autoName.prefix ?? ""}${ownName}-`;
  return { name: start.slice(0, autoName.maxLength - RANDOM_DIGITS) + randomDigits(request.seed) };
}

function randomDigits(seed: Uint8Array): string {
  const source = seed.length > 0 ? seed : randomBytes(16);
  return createHash("sha256").update(source).digest("hex").slice(0, RANDOM_DIGITS);
}
