import { createHash } from "node:crypto";

/** The most characters SageMaker allows in the name of a model, endpoint configuration or endpoint. */
export const SAGEMAKER_NAME_LENGTH = 63;

const DIGEST_LENGTH = 8;

/**
 * A name for something immutable: `prefix`, shortened if needed, and a digest of its definition. Another definition gets another name, so
 * the replacement can exist beside what it replaces.
 *
 * @param length most characters of the name
 */
export function contentName(prefix: string, definition: unknown, length = SAGEMAKER_NAME_LENGTH): string {
  const digest = createHash("sha256")
    .update(JSON.stringify(sorted(definition)))
    .digest("hex")
    .slice(0, DIGEST_LENGTH);
  const start = prefix.slice(0, length - DIGEST_LENGTH - 1).replace(/-+$/, "");
  return `${start}-${digest}`;
}

/** The same value with every object's keys in order, so that the digest does not depend on how it was written. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]));
}
