/** The command `npm run bench`. */
import { Command, InvalidArgumentError } from "commander";
import { delimiter, resolve } from "node:path";
import { ensurePulumi } from "pulumi-engine/pulumi-cli";
import { ensurePython } from "pulumi-engine/python-env";
import { reportTo } from "pulumi-engine/report";
import { buildPlugin } from "pulumi-local-aws/build";
import { buildProject } from "../tools/build";
import { BENCHMARKS } from "./benchmarks";
import { Skipped, type Figure } from "./measure";

interface Options {
  readonly rounds: number;
  readonly json?: boolean;
}

const ROOT = resolve(__dirname, "..");

const list = Object.entries(BENCHMARKS)
  .map(([name, { tells }]) => `  ${name.padEnd(14)}${tells}`)
  .join("\n");

void new Command("npm run bench --")
  .description(
    "Measures how long things take, each beside a baseline in the same run, and tells medians and ratios. Gets the tools it needs on its\n" +
      "first run. Nothing else should keep the machine busy meanwhile.",
  )
  .argument("[benchmark...]", "names of benchmarks (default: all)")
  .option("--rounds <n>", "how many times each thing is measured", whole, 5)
  .option("--json", "print the figures as JSON on stdout, and progress on stderr")
  .addHelpText("after", `\nBenchmarks:\n${list}`)
  .action(bench)
  .parseAsync()
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });

async function bench(names: readonly string[], { rounds, json = false }: Options): Promise<void> {
  const unknown = names.filter((name) => !(name in BENCHMARKS));
  if (unknown.length > 0) {
    throw new Error(`there is no benchmark ${unknown.join(", ")}; there are ${Object.keys(BENCHMARKS).join(", ")}`);
  }
  await prepare();
  const results: Record<string, readonly Figure[]> = {};
  for (const [name, { tells, run }] of Object.entries(BENCHMARKS)) {
    if (names.length > 0 && !names.includes(name)) {
      continue;
    }
    console.error(`${name}: ${tells}`);
    const progress = (line: string) => console.error(`  ${line}`);
    const figures = await run({ rounds, progress }).catch((error: unknown) => {
      if (error instanceof Skipped) {
        progress(`skipped: ${error.message}`);
        return [];
      }
      throw error;
    });
    results[name] = figures;
    if (!json && figures.length > 0) {
      console.log(figures.map(inWords).join("\n"));
    }
  }
  if (json) {
    console.log(JSON.stringify(results, undefined, 2));
  }
}

/** Gets engine and Python, builds what is measured, and tells where all is as `npm test` does. */
async function prepare(): Promise<void> {
  const report = reportTo(process.stderr);
  const building = report.step("Build");
  const [pulumi, python] = await Promise.all([
    ensurePulumi(report),
    ensurePython(report),
    Promise.all([buildProject(ROOT), buildPlugin()]),
  ]);
  building.done("dist/ and the engine's plugin");
  Object.assign(process.env, {
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    SAFE_DEPLOY_PULUMI: pulumi.command,
    SAFE_DEPLOY_PYTHON: python.python,
    PATH: [pulumi.pathDir, process.env.PATH ?? ""].join(delimiter),
  });
}

function inWords({ name, unit, median, least, ratio, baseline }: Figure): string {
  const number = (value: number) => value.toPrecision(3).padStart(8);
  const compared = ratio === undefined ? "baseline" : `${ratio.toPrecision(3)} times ${baseline ?? "the baseline"}`;
  return `  ${name.padEnd(32)}${number(median)} ${unit.padEnd(6)}least ${number(least)}   ${compared}`;
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new InvalidArgumentError(`must be a whole number from 1, got "${text}"`);
  }
  return value;
}
