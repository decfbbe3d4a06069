import type { Command } from "commander";
import type { StartOptions } from "../retrain/start";
import type { WhyOptions } from "../retrain/why";
import { example, whole, type Runs } from "../support/command";

/** `safe-deploy retrain …` */
export function retrainCommands(program: Command, runs: Runs): void {
  const retrain = program
    .command("retrain")
    .description("retrainings, which a governor decides on: alarms, the schedule and people ask it");

  retrain
    .command("why")
    .description("the last decisions: who asked, what was decided, and why")
    .option("-n, --last <count>", "how many", whole, 10)
    .addHelpText("after", example("retrain why -n 3"))
    .action(runs(async (context, options: WhyOptions) => (await import("../retrain/why.js")).why(context, options)));

  retrain
    .command("start")
    .description("asks for a retraining with the data that are there, which the rules of the pipeline may refuse")
    .requiredOption("-r, --reason <text>", "why; the approval shows it")
    .addHelpText("after", example('retrain start --reason "new zones"', "0 if one was started, 1 if not"))
    .action(
      runs(async (context, options: StartOptions) => (await import("../retrain/start.js")).start(context, options)),
    );
}
