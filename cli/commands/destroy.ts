import type { Command } from "commander";
import type { DestroyOptions } from "../destroy/destroy";
import { example, type Runs } from "../support/command";

/** `safe-deploy destroy` */
export function destroyCommands(program: Command, runs: Runs): void {
  program
    .command("destroy")
    .description(
      "removes everything of the model, after it has said what and has asked: stacks of kind prod, dev, train and pipeline by the Pulumi CLI, and what they " +
        "have left in the model's bucket, old versions included; then lists what is left by name",
    )
    .option("--data", "remove the data that the model is made from, too")
    .option("-y, --yes", "do it without asking")
    .addHelpText("after", example("destroy --data", "0 if all that it named is gone, 1 if not"))
    .action(
      runs(async (context, options: DestroyOptions) =>
        (await import("../destroy/destroy.js")).destroy(context, options),
      ),
    );
}
