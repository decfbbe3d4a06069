import type { Command } from "commander";
import type { ExplainOptions } from "../explain/explain";
import { example, type Runs } from "../support/command";
import { since } from "../support/since";

/** `safe-deploy explain` */
export function explainCommand(program: Command, runs: Runs): void {
  program
    .command("explain")
    .description(
      "which release has answered a request, what it got and what it said: from the captures in S3 and the log of the API's function.\n" +
        "The answer's header X-Amzn-SageMaker-Inference-Id has the id. What callers sent is printed.",
    )
    .argument("<id>", "the request's id, its inference id, or its event id in a capture")
    .option("--since <time>", "how far to look back: 90m, 24h, 7d, or a time (default: 24h)", since)
    .option("--stack <name>", "the stack whose endpoints have answered", "prod")
    .addHelpText(
      "after",
      example("explain 6c28916c-19f0-4d2e-9c0b-5a3f6f0e7d11 --since 7d", "0 if the request was found, 1 if not"),
    )
    .action(
      runs(async (context, id: string, options: ExplainOptions) =>
        (await import("../explain/explain.js")).explain(context, id, options),
      ),
    );
}
