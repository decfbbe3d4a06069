import { argumentProblems } from "./kinds";
import { type NamingRule, makeName } from "./names";
import type { AutoName, Problem } from "./properties";
import type { ResourceType } from "./resource";
import { UNKNOWN, type Value, type Values, isList, isUnknown, reveal, textOf } from "./values";

/** A program's arguments for a resource, to be checked. */
export interface Proposal {
  /** The resource's logical name. */
  readonly name: string;
  /** Recorded arguments; empty for a resource that is new or is going to be replaced. */
  readonly olds: Values;
  readonly news: Values;
  readonly seed: Uint8Array;
  readonly naming: NamingRule | undefined;
}

export interface Checked {
  /** What is to be recorded: the program's own values, secrets and all, made-up names, and in `__defaults` which these are. */
  readonly inputs: Values;
  readonly problems: readonly Problem[];
}

/** Checks a program's arguments and makes up the names it leaves out. Unknown arguments are errors: ignoring them would be a lie. */
export function check(resource: ResourceType, proposal: Proposal): Checked {
  const given = Object.fromEntries(Object.entries(proposal.news).filter(([, value]) => value !== null));
  const problems = [...argumentProblems(resource.inputs, given)];
  const made: Record<string, Value> = {};
  for (const [key, { autoName }] of Object.entries(resource.inputs)) {
    const result = autoName && nameFor(key, autoName, given, proposal);
    if (result !== undefined && "name" in result) {
      made[key] = result.name;
    } else if (result !== undefined) {
      problems.push({ property: key, reason: result.reason });
    }
  }
  return {
    inputs: { ...given, ...made, __defaults: Object.keys(made) },
    problems: problems.map(({ property, reason }) => ({ property, reason: `${resource.type}: ${reason}` })),
  };
}

type Name = { readonly name: Value } | { readonly reason: string };

function nameFor(
  key: string,
  autoName: AutoName,
  given: Values,
  { name, olds, seed, naming }: Proposal,
): Name | undefined {
  const { prefixFrom = "" } = autoName;
  const prefix = given[prefixFrom] === undefined ? undefined : reveal(given[prefixFrom]);
  if (given[key] !== undefined) {
    return prefix === undefined ? undefined : { reason: `${key} and ${prefixFrom} exclude each other` };
  }
  if (isUnknown(prefix)) {
    return { name: UNKNOWN };
  }
  const kept = keptName(olds, key);
  const givenPrefix = prefix === undefined ? undefined : textOf(prefix);
  return kept === undefined
    ? makeName({ autoName, logicalName: name, seed, givenPrefix, rule: naming })
    : { name: kept };
}

/** The name made up earlier, which stays. A name that the program gave and gives no longer does not. */
function keptName(olds: Values, key: string): Value | undefined {
  return isList(olds.__defaults) && olds.__defaults.includes(key) ? olds[key] : undefined;
}
