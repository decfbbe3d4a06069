import type { Command } from "commander";
import { example, positive, port, type Runs } from "../support/command";
import type { UiOptions } from "../ui/ui";

/** `safe-deploy ui` */
export function uiCommands(program: Command, runs: Runs): void {
  program
    .command("ui")
    .description(
      "serves a page on this machine that shows pipeline, traffic, endpoints, alarms, drift and the dashboard, and on which releases\n" +
        "are approved, stopped and retrained; prints its address, which has a token in it",
    )
    .option("--port <number>", "port on 127.0.0.1 (default: any free one)", port, 0)
    .option(
      "--hours <n>",
      "how long the time is that charts show (default: 6, or a quarter of an hour on the local AWS)",
      positive,
    )
    .addHelpText("after", example("ui --port 8080", "0 after Ctrl-C, 1 if it could not be served"))
    .action(runs(async (context, options: UiOptions) => (await import("../ui/ui.js")).ui(context, options)));
}
