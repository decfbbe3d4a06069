import type { Command } from "commander";
import { duration, example, rate, type Runs } from "../support/command";
import type { SendOptions } from "../traffic/send";

/** `safe-deploy traffic …` */
export function trafficCommands(program: Command, runs: Runs): void {
  const traffic = program.command("traffic").description("requests to the model's API, as callers send them");

  traffic
    .command("send")
    .description(
      "sends rows of the test split at a steady rate, and tells which endpoints answered; Ctrl-C ends it early",
    )
    .option("-r, --rate <per second>", "requests in a second", rate, 10)
    .option("-d, --duration <seconds>", "how long", duration, 60)
    .option("-s, --stack <name>", "the stack whose API is called", "prod")
    .option("--test <file or uri>", "the rows, or their S3 folder (default: <bucket>/<data prefix of the model>/test)")
    .option(
      "--url <url>",
      "where the API is reached, such as a domain of your own (default: API Gateway's own address)",
    )
    .addHelpText(
      "after",
      example("traffic send --rate 20 --duration 300", "0 if every request was answered by 200, 1 if not"),
    )
    .action(runs(async (context, options: SendOptions) => (await import("../traffic/send.js")).send(context, options)));
}
