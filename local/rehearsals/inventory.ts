import type { Inventory } from "../../cli/destroy/inventory";

/** What differs after a failed rollout that went back. Everything must be as before, to the last name. */
export function differences(before: Inventory, after: Inventory): string[] {
  return Object.keys(after).flatMap((kind) => {
    const [old, now] = [before[kind] ?? [], after[kind] ?? []];
    return [
      ...now.filter((name) => !old.includes(name)).map((name) => `${kind} ${name} was left behind`),
      ...old.filter((name) => !now.includes(name)).map((name) => `${kind} ${name} is gone`),
    ];
  });
}

/** What is wrong after a rollout that succeeded. There must be as many of each kind as before, and none of the old release. */
export function remains(before: Inventory, after: Inventory, oldRelease: string): string[] {
  return Object.entries(after).flatMap(([kind, names]) => {
    const old = names.filter((name) => name.includes(oldRelease)).map((name) => `${kind} ${name} was left behind`);
    const count = before[kind]?.length ?? 0;
    return old.length > 0 || count === names.length
      ? old
      : [`there was ${count} of ${kind} before and is ${names.length} now: ${names.join(", ")}`];
  });
}
