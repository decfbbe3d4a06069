import * as pulumi from "@pulumi/pulumi";
import { contentName } from "../../lib/content-name";

/** A child of an endpoint that cannot be changed, once the program has had its say. */
type Child<T> = [string, T, pulumi.CustomResourceOptions];

/**
 * The same, named by its content unless the program has named it: another definition gets another name, so the replacement can exist
 * beside what it replaces. Tags can change, so they do not count.
 */
export function named<T extends { name?: pulumi.Input<string | undefined>; tags?: unknown }>(
  endpointName: string,
  [logicalName, args, opts]: Child<T>,
): Child<T> {
  const definition: object = { ...args, name: undefined, tags: undefined };
  const byContent = pulumi.output(definition).apply((settled) => contentName(endpointName, settled));
  return [logicalName, { ...args, name: args.name ?? byContent }, opts];
}
