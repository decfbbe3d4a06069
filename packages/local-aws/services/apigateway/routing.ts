import type { Route } from "./store";

/** The deployed method that a request is for, with what its path's variables stand for. */
export interface Matched {
  readonly route: Route;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** Finds the method for a path below the stage; what is written out wins over `{variables}`, and these over `{greedy+}` ones. */
export function match(routes: readonly Route[], httpMethod: string, path: string): Matched | undefined {
  const parts = segments(path);
  const fitting = routes
    .flatMap((route) => {
      const pathParameters = variables(segments(route.path), parts);
      const answers = route.method.httpMethod === httpMethod || route.method.httpMethod === "ANY";
      return pathParameters === undefined || !answers ? [] : [{ route, pathParameters }];
    })
    .sort((a, b) => weight(b.route) - weight(a.route));
  return fitting[0];
}

const segments = (path: string) => path.split("/").filter((segment) => segment !== "");

function variables(wanted: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  const values: Record<string, string> = {};
  for (const [i, segment] of wanted.entries()) {
    const part = parts[i];
    const name = /^\{(.+?)(\+?)\}$/.exec(segment);
    if (part === undefined || (name === null && segment !== part)) {
      return undefined;
    }
    if (name?.[2] === "+") {
      return { ...values, [name[1] ?? ""]: parts.slice(i).join("/") };
    }
    if (name !== null) {
      values[name[1] ?? ""] = decodeURIComponent(part);
    }
  }
  return wanted.length === parts.length ? values : undefined;
}

function weight({ path, method }: Route): number {
  const parts = segments(path).map((segment) => (segment.endsWith("+}") ? 0 : segment.startsWith("{") ? 2 : 3));
  return parts.reduce((sum, one) => sum * 4 + one, 1) + (method.httpMethod === "ANY" ? 0 : 0.5);
}
