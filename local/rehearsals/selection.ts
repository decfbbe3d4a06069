import type { Scenario } from "./scenario";

/** Most suggestions for a wrong name. */
const MOST_NEAR_NAMES = 3;

/**
 * The scenarios of these names, each once and in the order of `all`; all of them where no name or `all` is given.
 *
 * @throws an error for an unknown name, with the names that are near it
 */
export function selected(all: readonly Scenario[], names: readonly string[]): readonly Scenario[] {
  const unknown = names.filter((name) => name !== "all" && !all.some((scenario) => scenario.name === name));
  if (unknown.length > 0) {
    throw new Error(unknown.map((name) => unknownName(all, name)).join("\n"));
  }
  return names.length === 0 || names.includes("all") ? all : all.filter(({ name }) => names.includes(name));
}

function unknownName(all: readonly Scenario[], name: string): string {
  const near = all
    .map((scenario) => ({ name: scenario.name, likeness: likeness(scenario.name, name) }))
    .filter(({ likeness }) => likeness > 0.3)
    .sort((a, b) => b.likeness - a.likeness)
    .slice(0, MOST_NEAR_NAMES);
  const hint = near.length === 0 ? "--list prints them all" : `near it: ${near.map((each) => each.name).join(", ")}`;
  return `there is no scenario "${name}"; ${hint}`;
}

/** How many of the pairs of letters two names share, 0 to 1. */
function likeness(one: string, other: string): number {
  const [pairs, others] = [pairsOf(one), pairsOf(other)];
  const shared = [...pairs].filter((pair) => others.has(pair)).length;
  return (2 * shared) / (pairs.size + others.size);
}

function pairsOf(name: string): Set<string> {
  return new Set(Array.from({ length: name.length + 1 }, (_, i) => ` ${name} `.slice(i, i + 2)));
}
