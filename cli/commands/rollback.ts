import type { Command } from "commander";
import type { RollbackOptions } from "../release/rollback";
import { example, type Runs } from "../support/command";

/** `safe-deploy rollback` */
export function rollbackCommand(program: Command, runs: Runs): void {
  program
    .command("rollback")
    .description(
      "says how production gets back to an earlier release, asks, does it, and looks whether it is back.\n" +
        "A rollout that is under way is stopped. One that bakes goes back as by an alarm. After that it is\n" +
        "a rollout of the earlier release by the Pulumi CLI, with the program of this folder and the config of that release.",
    )
    .argument("[id]", "the release to go back to (default: the one before)")
    .option("--stack <name>", "the stack that goes back", "prod")
    .option("-y, --yes", "do it without asking")
    .addHelpText(
      "after",
      example(
        "rollback --yes",
        "0 if all traffic goes to that release, its endpoint is in service and answers; 1 if not",
      ),
    )
    .action(
      runs(async (context, id: string | undefined, options: RollbackOptions) =>
        (await import("../release/rollback.js")).rollback(context, id, options),
      ),
    );
}
