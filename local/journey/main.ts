/** The command `npm run local`. */
import { Command, InvalidArgumentError } from "commander";
import { rehearse, type RehearseOptions } from "../rehearsals/rehearse";
import { inWords } from "./failure";
import { DEFAULT_SPEED, runMainJob, type MainJobOptions } from "./run-main-job";
import { RunFailed } from "./run";

// Node 20 is enough for whatever is called here.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

const EXIT_STATUS = "\nExit status: 0 if everything came out as expected, 1 if not, 130 after Ctrl-C.";

const program = new Command("npm run local --")
  .description(
    "Sends three releases of the model through the project's own pipeline on this machine. Each is built, previewed, trained, tried, approved\n" +
      "and deployed. Before the last one the traffic shifts, and an alarm for drift has it trained. It is bad and is rolled back. Real Pulumi\n" +
      "engine, real training, real HTTP traffic, no AWS account.\n" +
      "Gets the tools it needs on its first run. Writes .local/summary.json, a page to look at in .local/report.html, and a log to .local/run.log.",
  )
  .enablePositionalOptions()
  .option("--speed <n>", "how many times faster than on AWS time passes", positive, DEFAULT_SPEED)
  .option("--model <folder>", "folder of the model, such as examples/houses (default: model)")
  .option("--rows <n>", "how many rows of data to make up (default: as many as the model's definition says)", positive)
  .option("--data <file...>", "files for the model's data program, in place of made-up rows")
  .option("--direct", "deploy the releases by `pulumi up`, without the pipeline")
  .option(
    "--keep",
    "leave the local AWS and the live release running at the end, until Ctrl-C; .local/env tells how to reach them",
  )
  .option("--json", "print the summary as JSON on stdout, and progress on stderr")
  .addHelpText("after", EXIT_STATUS)
  .action((options: MainJobOptions) =>
    exitWith(
      runMainJob(options),
      ".local/run.log and .local/project/pulumi.log, those of builds in .local/pipeline/builds/",
    ),
  );

program
  .command("rehearse")
  .description(
    "Rehearses what can go wrong with a release. Each scenario begins with a prod stack that serves under steady traffic, does the harm, and\n" +
      "compares the result with what was expected. Runs all scenarios if none is named. Logs to .local/rehearsals/.",
  )
  .argument("[scenario...]", "names of scenarios, or all")
  .option("--list", "print the scenarios, and run none")
  .option("--json", "print the results as JSON on stdout, and progress on stderr")
  .option("--lanes <n>", "how many scenarios run at once, each with an AWS and a project of its own", whole, 3)
  .option("--speed <n>", "how many times faster than on AWS time passes", positive, DEFAULT_SPEED)
  .addHelpText("after", EXIT_STATUS)
  .action((names: readonly string[], options: RehearseOptions) =>
    exitWith(rehearse(names, options), ".local/rehearsals/run.log and .local/rehearsals/lane-<n>/pulumi.log"),
  );

async function exitWith(run: Promise<number>, logs: string): Promise<void> {
  try {
    process.exit(await run);
  } catch (error) {
    const log = error instanceof RunFailed ? `\nThe log is in ${logs}` : "";
    console.error(`\n${inWords(error)}${log}`);
    process.exit(1);
  }
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) {
    throw new InvalidArgumentError(`must be a number above 0, got "${text}"`);
  }
  return value;
}

function whole(text: string): number {
  const value = positive(text);
  if (!Number.isInteger(value)) {
    throw new InvalidArgumentError(`must be a whole number, got "${text}"`);
  }
  return value;
}

void program.parseAsync();
