import type { Command } from "commander";
import type { ShowOptions } from "../canary/show";
import { example, positive, whole, type Runs } from "../support/command";

/** `safe-deploy canary …` */
export function canaryCommands(program: Command, runs: Runs): void {
  program
    .command("canary")
    .description("what asks the API again and again, as a caller would")
    .command("show")
    .description("the canary's alarm, and how its last runs went")
    .option("-n, --last <count>", "how many minutes with runs", whole, 10)
    .option("--hours <count>", "how far back to look for them, 24 at most", positive, 3)
    .option("-s, --stack <name>", "the stack that serves", "prod")
    .addHelpText("after", example("canary show"))
    .action(runs(async (context, options: ShowOptions) => (await import("../canary/show.js")).show(context, options)));
}
