import * as pulumi from "@pulumi/pulumi";

/** Inputs or outputs of a resource, as the engine hands them to a plugin. */
export type Properties = Readonly<Record<string, unknown>>;

/** The same properties, with every secret in them as what it is. */
export function withoutMarks(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, plain(value)]));
}

/**
 * Properties whose secrets are marked: each whose namesake in `before` is a secret, or has one in it. The engine encrypts what is marked in
 * the state, and shows it to nobody.
 */
export function markedLike(before: Properties, properties: unknown): Record<string, unknown> {
  const entries = Object.entries(isObject(properties) ? properties : {});
  return Object.fromEntries(entries.map(([key, value]) => [key, holdsSecret(before[key]) ? secret(value) : value]));
}

function plain(value: unknown): unknown {
  if (pulumi.runtime.isRpcSecret(value)) {
    return plain(pulumi.runtime.unwrapRpcSecret(value));
  }
  return Array.isArray(value) ? value.map(plain) : isObject(value) ? withoutMarks(value) : value;
}

function holdsSecret(value: unknown): boolean {
  return pulumi.runtime.isRpcSecret(value) || (isObject(value) && Object.values(value).some(holdsSecret));
}

/** Arrays too, whose members are its values. */
const isObject = (value: unknown): value is Properties => typeof value === "object" && value !== null;

const secret = (value: unknown) => ({ [pulumi.runtime.specialSigKey]: pulumi.runtime.specialSecretSig, value });
