import { nearest } from "./nearest";

/** What of a `Model` counts here. */
interface ModelColumns {
  readonly columns: { readonly target: string; readonly inputs: readonly { readonly name: string }[] };
}

/**
 * What a drift monitor's settings say of columns that the model does not have, one line each. The monitor itself leaves these out, since the
 * release before may have had them; so a wrong name would never be noticed.
 */
export function watchedColumnProblems(
  { watched = [], thresholds = {} }: { readonly watched?: readonly string[]; readonly thresholds?: object },
  { columns }: ModelColumns,
): string[] {
  const known = [columns.target, ...columns.inputs.map(({ name }) => name)];
  const problems = (key: string, names: readonly string[]) =>
    names
      .filter((name) => !known.includes(name))
      .map((name) => {
        const meant = nearest(name, known);
        const hint = meant === undefined ? `it has ${known.join(", ")}` : `did you mean ${meant}?`;
        return `driftMonitor.${key}: the model has no column "${name}"; ${hint}`;
      });
  return [...problems("watched", watched), ...problems("thresholds", Object.keys(thresholds))];
}
