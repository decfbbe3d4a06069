import type { ProgramInfo } from "@pulumi/pulumi/proto/language_pb";

/** What `runtime: { name: nodejs, options: … }` in `Pulumi.yaml` says, see {@link runtimeOptions}. */
export interface RuntimeOptions {
  /** Whether the SDK runs the program's TypeScript itself. @default true */
  readonly typescript: boolean;
  /** Path of the `tsconfig.json` to use for that. @default - the one of the program's folder */
  readonly tsconfig: string | undefined;
  /** Arguments for Node, before the program. @default none */
  readonly nodeargs: readonly string[];
  /** Command that installs dependencies. @default "npm" */
  readonly packagemanager: string;
}

const PACKAGE_MANAGERS: readonly unknown[] = ["npm", "yarn", "pnpm", "bun"];

/**
 * Reads the options of a project's runtime, https://www.pulumi.com/docs/iac/languages-sdks/javascript/.
 *
 * @throws Error naming the option that has a wrong value.
 */
export function runtimeOptions(info: ProgramInfo | undefined): RuntimeOptions {
  const options: Readonly<Record<string, unknown>> = info?.getOptions()?.toJavaScript() ?? {};
  const { typescript = true, tsconfig, nodeargs = "", packagemanager = "auto" } = options;
  if (typeof typescript !== "boolean") {
    throw wrong("typescript", "true or false", typescript);
  }
  if (tsconfig !== undefined && typeof tsconfig !== "string") {
    throw wrong("tsconfig", "a path", tsconfig);
  }
  if (typeof nodeargs !== "string") {
    throw wrong("nodeargs", "a string", nodeargs);
  }
  if (typeof packagemanager !== "string" || !["auto", ...PACKAGE_MANAGERS].includes(packagemanager)) {
    throw wrong("packagemanager", `auto, ${PACKAGE_MANAGERS.join(", ")}`, packagemanager);
  }
  return {
    typescript,
    tsconfig,
    nodeargs: splitArguments(nodeargs),
    packagemanager: packagemanager === "auto" ? "npm" : packagemanager,
  };
}

/**
 * Splits a line into arguments at white space, as a shell does: quotes keep a part together, a backslash takes the next
 * character as it is (in single quotes it is nothing special).
 *
 * @throws Error if a quote is not closed.
 */
export function splitArguments(line: string): string[] {
  const PART =
    /\\(?<escaped>[^])|'(?<single>[^']*)'|"(?<double>(?:\\[^]|[^"\\])*)"|(?<space>\s+)|(?<plain>[^\s'"\\]+)/y;
  const found: string[] = [];
  let argument: string | undefined;
  while (PART.lastIndex < line.length) {
    const at = PART.lastIndex;
    const groups = PART.exec(line)?.groups;
    if (groups === undefined) {
      throw new Error(`runtime option nodeargs has a quote or backslash without its end: ${line.slice(at)}`);
    }
    if (groups.space === undefined) {
      const quoted = groups.double?.replace(/\\(["\\])/g, "$1");
      argument = (argument ?? "") + (groups.escaped ?? groups.single ?? quoted ?? groups.plain ?? "");
    } else if (argument !== undefined) {
      found.push(argument);
      argument = undefined;
    }
  }
  return argument === undefined ? found : [...found, argument];
}

function wrong(option: string, wanted: string, got: unknown): Error {
  return new Error(`runtime option ${option} in Pulumi.yaml must be ${wanted}, got ${JSON.stringify(got)}`);
}
