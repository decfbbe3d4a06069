import { parseArgs } from "node:util";
import { ensurePulumi, type PulumiCli } from "./pulumi-cli";
import { ensurePython, type PythonEnvironment } from "./python-env";
import { reportTo, type Report } from "./report";

/** Everything that the local AWS and the tests need. */
export interface Tools {
  readonly pulumi: PulumiCli;
  readonly python: PythonEnvironment;
}

/**
 * Finds or gets all tools, side by side.
 *
 * @throws Error with a line for each tool that is missing
 */
export async function ensureTools(report: Report): Promise<Tools> {
  const [pulumi, python] = await Promise.allSettled([ensurePulumi(report), ensurePython(report)]);
  if (pulumi.status === "fulfilled" && python.status === "fulfilled") {
    return { pulumi: pulumi.value, python: python.value };
  }
  const errors: unknown[] = [];
  for (const outcome of [pulumi, python]) {
    if (outcome.status === "rejected") {
      errors.push(outcome.reason);
    }
  }
  const lines = errors.map((error) => (error instanceof Error ? error.message : String(error)));
  throw new AggregateError(errors, lines.join("\n"));
}

const HELP = `Usage: npm run setup [-- --json]

Finds or gets the tools that the local run and the tests need, in the user's cache folder:
  Pulumi's engine      from PATH, the npm package "pulumi", or built with Go
  Python environment   Python 3.10 or newer from PATH, packages from packages/pulumi-engine/python/requirements.lock

Options:
  --json   print where they are as JSON on stdout, and progress on stderr
  --help   print this`;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { json: { type: "boolean" }, help: { type: "boolean" } } });
  if (values.help === true) {
    console.log(HELP);
    return;
  }
  const tools = await ensureTools(reportTo(values.json === true ? process.stderr : process.stdout));
  if (values.json === true) {
    console.log(JSON.stringify(tools, undefined, 2));
  }
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
