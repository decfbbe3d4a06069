import { Struct } from "google-protobuf/google/protobuf/struct_pb";

/** A property value as Pulumi's engine and its plugins exchange it. Secrets, archives and unknowns are values in disguise (below). */
export type Value = null | boolean | number | string | readonly Value[] | Values;

/** A bag of properties: a resource's inputs or outputs, or a nested block. */
export interface Values {
  readonly [key: string]: Value;
}

/** Marks an object that is not what it looks like. https://pkg.go.dev/github.com/pulumi/pulumi/sdk/v3/go/common/resource/sig */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";

/** What stands for a value that a preview cannot know. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Every form of "unknown" the engine may send: it has one for each kind of value. */
const UNKNOWNS: ReadonlySet<Value> = new Set([
  UNKNOWN,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // boolean
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "030794c1-ac77-496b-92df-f27374a8bd58", // asset
  "e48ece36-62e2-4504-bad9-02848725956a", // archive
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

export const isUnknown = (value: Value | undefined) => value !== undefined && UNKNOWNS.has(value);

export const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value);

export function isBlock(value: Value | undefined): value is Values {
  return typeof value === "object" && value !== null && !isList(value);
}

export const isSecret = (value: Value | undefined): value is Values => isBlock(value) && value[SIGNATURE] === SECRET;
export const isArchive = (value: Value | undefined): value is Values => isBlock(value) && value[SIGNATURE] === ARCHIVE;
export const isAsset = (value: Value | undefined): value is Values => isBlock(value) && value[SIGNATURE] === ASSET;

export function secret(value: Value): Value {
  return isSecret(value) ? value : { [SIGNATURE]: SECRET, value: reveal(value) };
}

/** The value with every secret in it laid open. */
export function reveal(value: Value): Value {
  if (isSecret(value)) {
    return reveal(value.value ?? null);
  }
  if (isList(value)) {
    return value.map(reveal);
  }
  return isBlock(value) ? revealAll(value) : value;
}

export function revealAll(values: Values): Values {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, reveal(value)]));
}

/** Whether `found` holds for the value or anything inside it. */
export function contains(value: Value | undefined, found: (value: Value) => boolean): boolean {
  if (value === undefined) {
    return false;
  }
  const inside = isList(value) ? value : isBlock(value) ? Object.values(value) : [];
  return found(value) || inside.some((each) => contains(each, found));
}

/** Text that is equal for equal values, whatever the order of their keys. */
export function canonical(value: Value): string {
  return JSON.stringify(value, (_key, each: Value) =>
    isBlock(each) ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))) : each,
  );
}

/**
 * What an AWS client answered, as a value: members that are missing are left out, time stamps are RFC 3339 as the AWS provider
 * writes them.
 */
function toValue(data: unknown): Value {
  switch (typeof data) {
    case "string":
    case "number":
    case "boolean":
      return data;
    case "object":
      break;
    default:
      return null;
  }
  if (data === null) {
    return null;
  }
  if (data instanceof Date) {
    return data.toISOString().replace(/\.\d+Z$/, "Z");
  }
  return Array.isArray(data) ? data.map(toValue) : toValues(data);
}

export function toValues(data: object): Values {
  const entries: [string, unknown][] = Object.entries(data);
  return Object.fromEntries(
    entries.filter(([, each]) => each !== undefined && each !== null).map(([key, each]) => [key, toValue(each)]),
  );
}

/** Text of a scalar; of anything else its JSON. */
export function textOf(value: Value | undefined): string {
  return typeof value === "string" ? value : value === undefined || value === null ? "" : canonical(value);
}

/** @throws SyntaxError if it is not JSON */
export const parseJson = (source: string): Value => toValue(JSON.parse(source));

export function decode(struct: Struct | undefined): Values {
  return struct === undefined ? {} : toValues(struct.toJavaScript());
}

export function encode(values: Values): Struct {
  return Struct.fromJavaScript({ ...values });
}
