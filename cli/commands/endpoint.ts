import type { Command } from "commander";
import type { TestOptions } from "../endpoint/test";
import { example, whole, type Runs } from "../support/command";

/** `safe-deploy endpoint …` */
export function endpointCommands(program: Command, runs: Runs): void {
  const endpoint = program.command("endpoint").description("the endpoints that serve the model");

  endpoint
    .command("test")
    .description(
      "asks for the predictions of the test split, and tells how good and how fast they are: dev's endpoint itself, or the API of a stack of kind prod",
    )
    .option("-s, --stack <name>", "the stack that serves", "dev")
    .option("--release <id>", "the release whose endpoint of dev is asked (default: the newest that is in service)")
    .option(
      "--test <file or uri>",
      "the test split, or its S3 folder (default: <bucket>/<data prefix of the model>/test)",
    )
    .option("-n, --rows <count>", "only the first rows of it", whole)
    .option("--rows-per-request <count>", "rows of each request", whole, 1)
    .option("--worst <count>", "how many of the worst rows to show", whole, 5)
    .option(
      "--url <url>",
      "where the API is reached, such as a domain of your own (default: API Gateway's own address)",
    )
    .option("--chart <file>", "draws targets and predictions into this file, as SVG")
    .addHelpText(
      "after",
      example("endpoint test --stack prod --chart fares.svg", "0 if every row was answered, 1 if not"),
    )
    .action(
      runs(async (context, options: TestOptions) => (await import("../endpoint/test.js")).test(context, options)),
    );
}
