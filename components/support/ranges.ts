/** The problem of a number that is not whole or out of range; none where it is not given. */
export function wholeNumberProblems(name: string, value: number | undefined, least: number, most: number): string[] {
  return value === undefined || (Number.isInteger(value) && value >= least && value <= most)
    ? []
    : [`${name} must be a whole number from ${least} to ${most}, got ${value}`];
}
