import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { shown } from "../support/inputs";

/** The members of a create request that say what a job does. */
export type Definition = Readonly<Record<string, unknown>>;

/** Tag that a job carries its definition's digest in, by which an interrupted run knows its own job again. */
export const DEFINITION_TAG = "sagemaker-safe-deploy:definition";

/** Members whose keys are the user's: one more there is a difference, not something that SageMaker has added. */
const OPEN_MAPS = new Set(["HyperParameters", "Environment"]);

/** SHA-256 of a definition, the same for the same content in any order. */
export function digest(definition: Definition): string {
  return createHash("sha256")
    .update(JSON.stringify(sorted(definition)))
    .digest("hex");
}

/**
 * Where a job that was found differs from what is wanted, in words. SageMaker describes a job with more members than it was
 * created with (compression types, metric definitions of its own images); those are no difference.
 */
export function differences(wanted: Definition, found: object): string[] {
  const there: Definition = { ...found };
  return Object.keys(wanted).flatMap((member) => compare(wanted[member], there[member], member, OPEN_MAPS.has(member)));
}

function compare(wanted: unknown, found: unknown, path: string, everyKey = false): string[] {
  if (wanted === undefined) {
    return [];
  }
  if (Array.isArray(wanted) && Array.isArray(found) && wanted.length === found.length) {
    return wanted.flatMap((item, i) => compare(item, found[i], `${path}[${i}]`));
  }
  if (isRecord(wanted) && (isRecord(found) || found === undefined)) {
    const keys = new Set([...Object.keys(wanted), ...(everyKey ? Object.keys(found ?? {}) : [])]);
    return [...keys].flatMap((key) =>
      everyKey
        ? leaf(wanted[key], found?.[key], `${path}.${key}`)
        : compare(wanted[key], found?.[key], `${path}.${key}`),
    );
  }
  return leaf(wanted, found, path);
}

function leaf(wanted: unknown, found: unknown, path: string): string[] {
  return isDeepStrictEqual(wanted, found) ? [] : [`${path} is ${shown(found)} there, ${shown(wanted)} here`];
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  return isRecord(value)
    ? Object.fromEntries(
        Object.keys(value)
          .sort()
          .map((key) => [key, sorted(value[key])]),
      )
    : value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
