import type { Command } from "commander";
import type { LinkOptions } from "../dashboard/link";
import { example, type Runs } from "../support/command";

/** `safe-deploy dashboard` */
export function dashboardCommands(program: Command, runs: Runs): void {
  program
    .command("dashboard")
    .description("where the model's dashboard is in the console")
    .option("-s, --stack <name>", "the stack that serves", "prod")
    .addHelpText("after", example("dashboard", "0 if there is one, 1 if not"))
    .action(
      runs(async (context, options: LinkOptions) => (await import("../dashboard/link.js")).link(context, options)),
    );
}
