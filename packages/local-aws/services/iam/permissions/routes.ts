/** Method and path of an operation; a named group of the pattern becomes a member of the input. */
export type Routes = readonly (readonly [method: string, path: RegExp, operation: string])[];

/** The operation of a request to a service that speaks REST, and the members of its input that its path names. */
export function routed(
  routes: Routes,
  method: string,
  path: string,
): { readonly operation: string; readonly inPath: Readonly<Record<string, string>> } | undefined {
  for (const [wanted, pattern, operation] of routes) {
    const match = method === wanted ? pattern.exec(path) : null;
    if (match !== null) {
      const named = Object.entries(match.groups ?? {}).map(([name, text]) => [name, decodeURIComponent(text)] as const);
      return { operation, inPath: Object.fromEntries(named) };
    }
  }
  return undefined;
}
