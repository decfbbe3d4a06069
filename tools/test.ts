import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ensurePulumi } from "pulumi-engine/pulumi-cli";
import { ensurePython } from "pulumi-engine/python-env";
import { reportTo, type Report } from "pulumi-engine/report";
import { buildPlugin } from "pulumi-local-aws/build";
import { buildProject } from "./build";
import { addCounts, COUNTS_FILE, countsLine, countsSchema, type Counts } from "./test-counts";

const ROOT = resolve(join(__dirname, ".."));
/** Quick ones first. Each kind is a process of its own. */
const KINDS: Readonly<Record<string, Kind>> = {
  unit: { tells: "the product, without engine and Python", specs: ["tests/unit/**/*.spec.ts"] },
  model: { tells: "the model's programs in Python", specs: ["tests/model/**/*.spec.ts"] },
  packages: {
    tells: "the local AWS and the other packages",
    specs: ["packages/*/tests/**/*.spec.ts", "local/tests/**/*.spec.ts"],
    ignore: "packages/*/tests/engine/**",
  },
  engine: {
    tells: "stacks and resources on the real engine",
    specs: ["packages/*/tests/engine/**/*.spec.ts", "tests/engine/**/*.spec.ts"],
    jobs: 2,
  },
  journey: { tells: "the main job and the rehearsals", specs: ["tests/journey/**/*.spec.ts"] },
  repeats: {
    tells: "other ways to what the kinds above prove",
    specs: ["tests/repeats/**/*.spec.ts"],
    isRepeat: true,
  },
};

interface Kind {
  /** What it is about, in a few words. */
  readonly tells: string;
  /** Its spec files, as patterns from the project's root. */
  readonly specs: readonly string[];
  /** Those of them that it leaves out. @default none */
  readonly ignore?: string;
  /** How many spec files run at once. @default 1: its tests are about time, or too quick to gain */
  readonly jobs?: number;
  /** Whether it runs only where it is named, or with `--all`. @default false */
  readonly isRepeat?: boolean;
}

const HELP = `Usage: npm test -- [KIND...] [--all] [--grep TEXT] [--bail]

Gets the tools that the tests need, builds the project and runs its tests. The last line tells "N passed, N failed, N skipped".

  KIND          one of these @default all but repeats
${Object.entries(KINDS)
  .map(([name, { tells }]) => `                  ${name.padEnd(10)}${tells}`)
  .join("\n")}

Options:
  --all         all kinds, repeats too
  --grep TEXT   only tests whose name has this in it
  --bail        stop a kind at its first failure
  --help        print this`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      all: { type: "boolean" },
      grep: { type: "string" },
      bail: { type: "boolean" },
      help: { type: "boolean" },
    },
    allowPositionals: true,
  });
  if (values.help === true) {
    console.log(HELP);
    return 0;
  }
  const unknown = positionals.filter((kind) => !(kind in KINDS));
  if (unknown.length > 0) {
    throw new Error(`there are no tests of kind ${unknown.join(", ")}; there are ${Object.keys(KINDS).join(", ")}`);
  }
  const isWanted = (name: string, { isRepeat = false }: Kind) =>
    values.all === true || (positionals.length === 0 ? !isRepeat : positionals.includes(name));
  const kinds = Object.entries(KINDS).filter(([name, kind]) => isWanted(name, kind));
  const environment = await prepare(
    reportTo(process.stdout),
    kinds.map(([name]) => name),
  );
  const options = [
    ...(values.grep === undefined ? [] : ["--fgrep", values.grep]),
    ...(values.bail === true ? ["--bail"] : []),
  ];
  let total: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [name, kind] of kinds) {
    console.log(`\n  ${name}: ${kind.tells}`);
    total = addCounts(total, await runKind(name, kind, options, environment));
  }
  console.log(countsLine(total));
  // Where nothing ran, nothing was shown to be right.
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

/** Gets everything ready and tells where it is in the environment of the tests. */
async function prepare(report: Report, kinds: readonly string[]): Promise<NodeJS.ProcessEnv> {
  const step = report.step("Build");
  const building = Promise.all([buildProject(ROOT), buildPlugin()]).then(
    () => step.done("dist/ and the engine's plugin"),
    (error: unknown) => {
      step.fail("see above");
      throw error;
    },
  );
  const needsPython = kinds.some((kind) => kind !== "unit");
  const needsEngine = kinds.some((kind) => ["engine", "journey", "repeats"].includes(kind));
  const [python, pulumi] = await Promise.all([
    needsPython ? ensurePython(report) : undefined,
    needsEngine ? ensurePulumi(report) : undefined,
    building,
  ]);
  return {
    ...process.env,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    ...(python === undefined ? {} : { SAFE_DEPLOY_PYTHON: python.python }),
    ...(pulumi === undefined
      ? {}
      : {
          SAFE_DEPLOY_PULUMI: pulumi.command,
          PATH: [pulumi.pathDir, process.env.PATH ?? ""].join(delimiter),
        }),
  };
}

/** Runs one kind in a process of its own. A process that ends before its tests do counts as one that failed. */
async function runKind(
  name: string,
  { specs, ignore, jobs = 1 }: Kind,
  options: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), "safe-deploy-tests-"));
  try {
    const file = join(folder, "counts.json");
    const mocha = [require.resolve("mocha/bin/mocha.js"), "--reporter", join(__dirname, "counting-reporter.ts")];
    const ignored = ignore === undefined ? [] : ["--ignore", ignore];
    const parallel = jobs === 1 ? [] : ["--parallel", "--jobs", String(jobs)];
    const child = spawn(process.execPath, [...mocha, ...options, ...ignored, ...parallel, ...specs], {
      cwd: ROOT,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...environment, [COUNTS_FILE]: file },
    });
    const exit = await new Promise<number>((done, fail) => {
      child.once("error", fail);
      child.once("close", (code) => done(code ?? 1));
    });
    const counts = existsSync(file) ? countsSchema.parse(JSON.parse(await readFile(file, "utf8"))) : undefined;
    if (counts === undefined || (exit !== 0 && counts.failed === 0)) {
      console.error(`the tests of ${name} ended with exit code ${exit} before all tests had run`);
      return { passed: 0, skipped: 0, ...counts, failed: 1 };
    }
    return counts;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

main().then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    console.log(countsLine({ passed: 0, failed: 1, skipped: 0 }));
    process.exitCode = 1;
  },
);
