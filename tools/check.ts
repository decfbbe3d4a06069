import { spawn } from "node:child_process";
import { delimiter, join, resolve } from "node:path";
import { parseArgs } from "node:util";

const ROOT = resolve(join(__dirname, ".."));
/** Where the tools keep what they have seen of files that have not changed since. */
const CACHE = join(".types", "cache");
const PRODUCT = [
  "index.ts",
  "stacks",
  "components",
  "handlers",
  "model",
  "lib",
  "pipeline",
  "plugin",
  "policy",
  "tools",
  "tests/unit",
];
const PROJECTS = ["packages/pulumi-engine", "packages/local-aws", "packages/pulumi-local-aws", "local", "bench"];
/** So many steps at once: each keeps about one processor busy. */
const AT_ONCE = 2;

/** One thing that is checked, by a command of one of the project's tools. */
interface Step {
  readonly name: string;
  readonly command: readonly [tool: string, ...args: string[]];
}

/** The slowest first, so that the last one is short. */
const stepsOf = (all: boolean): readonly Step[] => [
  {
    name: "lint",
    command: [
      "eslint",
      // A model of one's own may have no TypeScript.
      "--no-error-on-unmatched-pattern",
      "--cache",
      "--cache-location",
      `${CACHE}/eslint/`,
      ...(all ? ["."] : PRODUCT),
    ],
  },
  {
    name: "types",
    command: [
      "tsc",
      "-b",
      "--noCheck",
      "false",
      "tsconfig.json",
      "cli/ui/page",
      ...(all ? PROJECTS : []),
      "tools",
      "tests",
    ],
  },
  ...(all ? [] : [{ name: "unit tests", command: ["tsx", "tools/test.ts", "unit"] } as const]),
  ...(all ? [{ name: "API reference", command: ["typedoc", "--emit", "none"] } as const] : []),
  { name: "format", command: ["prettier", "--check", "--cache", "--cache-location", `${CACHE}/prettier`, "."] },
  { name: "arrows", command: ["npm", "run", "--silent", "arrows"] },
  { name: "unused", command: ["npm", "run", "--silent", "unused"] },
];

const HELP = `Usage: npm run check [-- --all]

Checks the product: lint, types, unit tests, format, which folder imports which (arrows), and files and exports that nobody uses (unused).
What has not changed since the last time is not looked at again. Shows what a step has printed only where it fails.

Options:
  --all   the packages, local/ and all tests too, but runs none of them: that is npm test; and whether every name and field of the
          package has a doc comment
  --help  print this`;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { all: { type: "boolean" }, help: { type: "boolean" } } });
  if (values.help === true) {
    console.log(HELP);
    return 0;
  }
  const waiting = [...stepsOf(values.all === true)];
  const failed: string[] = [];
  const work = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      if (!(await passes(step))) {
        failed.push(step.name);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  console.log(failed.length === 0 ? "all checks passed" : `failed: ${failed.join(", ")}`);
  return failed.length === 0 ? 0 : 1;
}

/** Runs a step, and tells how it came out. */
async function passes({ name, command: [tool, ...args] }: Step): Promise<boolean> {
  const began = performance.now();
  const child = spawn(tool, args, {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      PATH: [join(ROOT, "node_modules", ".bin"), process.env.PATH ?? ""].join(delimiter),
      FORCE_COLOR: process.stdout.isTTY ? "1" : "0",
    },
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  }
  const code = await new Promise<number | null>((ended, fail) => {
    child.once("error", fail);
    child.once("close", ended);
  });
  const seconds = ((performance.now() - began) / 1000).toFixed(1).padStart(6);
  console.log(`${seconds} s  ${code === 0 ? "+" : "!"} ${name}`);
  if (code !== 0) {
    console.log(printed.trimEnd());
  }
  return code === 0;
}

main().then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
