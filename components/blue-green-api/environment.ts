import * as pulumi from "@pulumi/pulumi";

/** Environment variables of a function. */
export type Variables = Readonly<Record<string, pulumi.Input<string>>>;

/** Room of a function's environment, as JSON: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MOST_BYTES = 4096;

/** What is wrong with the size of a function's environment, if it is too large: how much of it each large variable takes. */
export function sizeProblems(functionName: string, variables: Readonly<Record<string, string>>): string[] {
  const size = Buffer.byteLength(JSON.stringify(variables));
  if (size <= MOST_BYTES) {
    return [];
  }
  const sizes = Object.entries(variables)
    .map(([name, value]) => ({ name, bytes: Buffer.byteLength(JSON.stringify(value)) }))
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, 3)
    .map(({ name, bytes }) => `${name} ${bytes}`);
  return [
    `the environment of function ${functionName} takes ${size} bytes, and Lambda has room for ${MOST_BYTES}: ${sizes.join(", ")}`,
  ];
}

/**
 * A function's environment, whose size is checked once all of it is known.
 *
 * @throws {pulumi.ResourceError} if it is too large.
 */
export function withinLimit(
  functionName: string,
  variables: Variables,
  on: pulumi.Resource,
): pulumi.Output<Record<string, string>> {
  return pulumi.output({ ...variables }).apply((known) => {
    const [problem] = sizeProblems(functionName, known);
    if (problem !== undefined) {
      throw new pulumi.ResourceError(problem, on, true);
    }
    return known;
  });
}
