import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildProject } from "./build";
import { ensurePulumi } from "./pulumi-cli";
import { ensurePython } from "./python-env";
import { reportTo, type Report } from "./report";
import { addCounts, COUNTS_FILE, countsLine, countsSchema, type Counts } from "./test-counts";

const ROOT = resolve(join(__dirname, ".."));
/** Quick ones first. Each kind is a folder in tests/ and a process of its own. */
const KINDS = ["unit", "engine", "journey"];

const HELP = `Usage: npm test -- [KIND...] [--grep TEXT] [--bail]

Gets the tools that the tests need, builds the project and runs its tests. The last line tells "N passed, N failed, N skipped".

  KIND          unit, engine or journey @default all that there are

Options:
  --grep TEXT   only tests whose name has this in it
  --bail        stop a kind at its first failure
  --help        print this`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { grep: { type: "string" }, bail: { type: "boolean" }, help: { type: "boolean" } },
    allowPositionals: true,
  });
  if (values.help === true) {
    console.log(HELP);
    return 0;
  }
  const unknown = positionals.filter((kind) => !KINDS.includes(kind));
  if (unknown.length > 0) {
    throw new Error(`there are no tests of kind ${unknown.join(", ")}; there are ${KINDS.join(", ")}`);
  }
  const kinds = positionals.length > 0 ? positionals : KINDS.filter((kind) => existsSync(join(ROOT, "tests", kind)));
  const environment = await prepare(reportTo(process.stdout), kinds);
  const options = [
    ...(values.grep === undefined ? [] : ["--fgrep", values.grep]),
    ...(values.bail === true ? ["--bail"] : []),
  ];
  let total: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const kind of kinds) {
    console.log(`\n  tests/${kind}`);
    total = addCounts(total, await runKind(kind, options, environment));
  }
  console.log(countsLine(total));
  // Where nothing ran, nothing was shown to be right.
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

/** Gets everything ready and tells where it is in the environment of the tests. */
async function prepare(report: Report, kinds: readonly string[]): Promise<NodeJS.ProcessEnv> {
  const step = report.step("Build");
  const building = buildProject(ROOT).then(
    () => step.done("dist/"),
    (error: unknown) => {
      step.fail("see above");
      throw error;
    },
  );
  const needsEngine = kinds.some((kind) => kind !== "unit");
  const [python, pulumi] = await Promise.all([
    ensurePython(report),
    needsEngine ? ensurePulumi(report) : undefined,
    building,
  ]);
  return {
    ...process.env,
    SAFE_DEPLOY_PYTHON: python.python,
    ...(pulumi === undefined
      ? {}
      : {
          SAFE_DEPLOY_PULUMI: pulumi.command,
          PATH: [pulumi.pathDir, process.env.PATH ?? ""].join(delimiter),
        }),
  };
}

/** Runs one kind in a process of its own. A process that ends before its tests do counts as one that failed. */
async function runKind(kind: string, options: readonly string[], environment: NodeJS.ProcessEnv): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), "safe-deploy-tests-"));
  try {
    const file = join(folder, "counts.json");
    const mocha = [require.resolve("mocha/bin/mocha.js"), "--reporter", join(__dirname, "counting-reporter.ts")];
    const child = spawn(process.execPath, [...mocha, ...options, `tests/${kind}/**/*.spec.ts`], {
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
      console.error(`tests/${kind} ended with exit code ${exit} before all tests had run`);
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
