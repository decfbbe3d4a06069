import type { Command } from "commander";
import type { RunOptions } from "../drift/run";
import type { ShowOptions } from "../drift/show";
import { example, positive, whole, type Runs } from "../support/command";

/** `safe-deploy drift …` */
export function driftCommands(program: Command, runs: Runs): void {
  const drift = program.command("drift").description("how far the traffic is from what the model was trained with");

  drift
    .command("show")
    .description("the alarms for drift, and the last reports of the drift monitor")
    .option("-n, --last <count>", "how many reports", whole, 10)
    .option("--days <count>", "how many days back to look for them", whole, 7)
    .option("-s, --stack <name>", "the stack that serves", "prod")
    .addHelpText("after", example("drift show -n 24"))
    .action(runs(async (context, options: ShowOptions) => (await import("../drift/show.js")).show(context, options)));

  drift
    .command("run")
    .description(
      "has a window of traffic looked at now, for each release that has traffic, and waits for the reports. Captures take some minutes until they are in S3",
    )
    .option("--hours <count>", "length of the window", positive, 1)
    .option("--from <time>", "its begin, such as 2026-03-01T12:00:00Z (default: by --hours)")
    .option("--to <time>", "its end (default: now)")
    .option("-s, --stack <name>", "the stack that serves", "prod")
    .addHelpText(
      "after",
      example("drift run --hours 24", "0 if nothing has drifted, 2 if something has, 1 if it could not be found out"),
    )
    .action(runs(async (context, options: RunOptions) => (await import("../drift/run.js")).run(context, options)));
}
