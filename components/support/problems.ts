import * as pulumi from "@pulumi/pulumi";
import { nearest } from "../../lib/nearest";

/**
 * Stops the program if anything is wrong with a component's arguments. A component calls it before it makes any child, so that the preview
 * tells all problems at once.
 *
 * @throws {pulumi.ResourceError} naming every problem. Pulumi shows it without a stack trace.
 */
export function refuse(problems: readonly string[], on: pulumi.Resource): void {
  if (problems.length > 0) {
    throw new pulumi.ResourceError(problems.join("; "), on, true);
  }
}

/**
 * A problem for each key that a component does not know. The compiler finds them in a literal, but not in what was spread or built, nor in a
 * program that is not TypeScript.
 *
 * @param known All keys. `Record<keyof Required<Args>, true>` makes the compiler see that none is missing.
 * @param path What comes before the key in messages, such as `serve`. @default - nothing
 */
export function unknownKeys(args: object, known: readonly string[], path?: string): string[] {
  const full = (key: string) => (path === undefined ? key : `${path}.${key}`);
  return Object.keys(args)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const meant = nearest(key, known);
      return meant === undefined
        ? `${full(key)} is not an argument: there are ${known.join(", ")}`
        : `${full(key)} is not an argument: did you mean ${full(meant)}?`;
    });
}
