import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { setPriority, tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { PassThrough, type Readable, type Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { parseArgs } from "node:util";
import { ensurePulumi } from "pulumi-engine/pulumi-cli";
import { ensurePython } from "pulumi-engine/python-env";
import { reportTo, type Report } from "pulumi-engine/report";
import { buildPlugin } from "pulumi-local-aws/build";
import { buildProject } from "./build";
import { addCounts, COUNTS_FILE, countsLine, countsSchema, type Counts } from "./test-counts";

const ROOT = resolve(join(__dirname, ".."));
/** How many processes with tests run at once: one more than the smallest machine of interest has cores, since tests also wait. */
const SLOTS = 3;

/** Niceness: a process of 4 gets 40 % of the time of one of 0 where both want the same processor. */
const YIELDING = 4;

const MAIN_JOB = "tests/engine/main-job.spec.ts";
const CONTAINERS = "packages/local-aws/tests/{images,lambda,moto,sagemaker}/**/*.spec.ts";

/** Each kind is a process of its own. They begin in this order, as soon as there are slots for them. */
const KINDS: Readonly<Record<string, Kind>> = {
  // Its tests follow one on the other and take longer than all others beside them, so they begin first.
  "main-job": {
    tells: "the main job through the pipeline, and what comes after it",
    specs: [MAIN_JOB],
    isFirst: true,
  },
  unit: { tells: "the product, without engine and Python", specs: ["tests/unit/**/*.spec.ts"], jobs: 2 },
  containers: { tells: "what the local AWS runs: functions, containers and moto", specs: [CONTAINERS] },
  packages: {
    tells: "the rest of the local AWS, the other packages, the operator's command, and the build",
    specs: [
      "packages/*/tests/**/*.spec.ts",
      "local/tests/**/*.spec.ts",
      "{tests/{cli,tools},bench/tests}/**/*.spec.ts",
    ],
    ignore: ["packages/*/tests/engine/**", CONTAINERS],
  },
  model: {
    tells: "models against their contract, and the programs of the project's own",
    specs: ["tests/model/**/*.spec.ts", "model/tests/**/*.spec.ts"],
  },
  engine: {
    tells: "stacks and resources on the real engine",
    specs: ["tests/engine/**/*.spec.ts"],
    ignore: [MAIN_JOB],
    jobs: SLOTS - 1,
  },
  others: {
    tells: "packages and examples by themselves, and other ways to what engine proves",
    specs: ["tests/repeats/*/**/*.spec.ts", "packages/*/tests/engine/**/*.spec.ts"],
    jobs: SLOTS - 1,
    isRepeat: true,
  },
  journey: { tells: "the rehearsals", specs: ["tests/journey/**/*.spec.ts"], isAlone: true },
  repeats: {
    tells: "other models, the notebook, and the rehearsals that repeat what other tests prove",
    specs: ["tests/repeats/*.spec.ts"],
    isAlone: true,
    isRepeat: true,
  },
};

interface Kind {
  /** What it is about, in a few words. */
  readonly tells: string;
  /** Its spec files, as patterns from the project's root, in the order in which they begin. */
  readonly specs: readonly string[];
  /** Those of them that it leaves out. @default none */
  readonly ignore?: readonly string[];
  /** How many spec files run at once, each in a slot. @default 1 */
  readonly jobs?: number;
  /** Whether the others leave it the processors that it wants, since the whole run waits for it. @default false */
  readonly isFirst?: boolean;
  /** Whether it takes all slots, since its tests keep the whole machine busy. @default false */
  readonly isAlone?: boolean;
  /** Whether it runs only where it is named, or with `--all`. @default false */
  readonly isRepeat?: boolean;
}

const HELP = `Usage: npm test -- [KIND...] [--all] [--grep TEXT] [--bail]

Gets the tools that the tests need, builds the project and runs its tests. The last line tells "N passed, N failed, N skipped".

  KIND          one of these @default all but others and repeats
${Object.entries(KINDS)
  .map(([name, { tells }]) => `                  ${name.padEnd(12)}${tells}`)
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
  const total = await runKinds(kinds, options, environment);
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
  const needsEngine = kinds.some((kind) => ["main-job", "engine", "journey", "others", "repeats"].includes(kind));
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

/** Starts each kind in its turn, as soon as there are slots for it, and shows one after the other what they print. */
async function runKinds(
  kinds: readonly (readonly [string, Kind])[],
  options: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<Counts> {
  const running = new Set<Promise<unknown>>();
  const ended: Promise<Counts>[] = [];
  let free = SLOTS;
  let before: Promise<unknown> = Promise.resolve();
  for (const [name, kind] of kinds) {
    const slots = kind.isAlone === true ? SLOTS : (kind.jobs ?? 1);
    while (free < slots) {
      await Promise.race(running);
    }
    free -= slots;
    const output = new PassThrough({ highWaterMark: Number.MAX_SAFE_INTEGER });
    const counts = runKind(name, kind, options, environment, output);
    const run = counts.finally(() => {
      output.end();
      running.delete(run);
      free += slots;
    });
    running.add(run);
    ended.push(run);
    before = before.then(() => show(output));
  }
  const counts = await Promise.all(ended);
  await before;
  return counts.reduce(addCounts, { passed: 0, failed: 0, skipped: 0 });
}

/** Copies everything to our own output, until its end. */
async function show(output: Readable): Promise<void> {
  output.pipe(process.stdout, { end: false });
  await finished(output);
}

/** Runs one kind in a process of its own. A process that ends before its tests do counts as one that failed. */
async function runKind(
  name: string,
  { tells, specs, ignore = [], jobs = 1, isFirst = false }: Kind,
  options: readonly string[],
  environment: NodeJS.ProcessEnv,
  output: Writable,
): Promise<Counts> {
  output.write(`\n  ${name}: ${tells}\n`);
  const folder = await mkdtemp(join(tmpdir(), "safe-deploy-tests-"));
  try {
    const file = join(folder, "counts.json");
    const mocha = [require.resolve("mocha/bin/mocha.js"), "--reporter", join(__dirname, "counting-reporter.ts")];
    const ignored = ignore.flatMap((pattern) => ["--ignore", pattern]);
    const color = process.stdout.isTTY ? ["--color"] : [];
    const parallel = jobs === 1 ? [] : ["--parallel", "--jobs", String(jobs)];
    const child = spawn(process.execPath, [...mocha, ...color, ...options, ...ignored, ...parallel, ...specs], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...environment, [COUNTS_FILE]: file },
    });
    if (!isFirst && child.pid !== undefined) {
      setPriority(child.pid, YIELDING);
    }
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => output.write(chunk));
    }
    const exit = await new Promise<number>((done, fail) => {
      child.once("error", fail);
      child.once("close", (code) => done(code ?? 1));
    });
    const counts = existsSync(file) ? countsSchema.parse(JSON.parse(await readFile(file, "utf8"))) : undefined;
    if (counts === undefined || (exit !== 0 && counts.failed === 0)) {
      output.write(`the tests of ${name} ended with exit code ${exit} before all tests had run\n`);
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
