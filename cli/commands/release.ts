import type { Command } from "commander";
import type { ListOptions } from "../release/list";
import type { ShowOptions } from "../release/show";
import type { StartOptions } from "../release/start";
import type { WatchOptions } from "../release/watch";
import { example, whole, type Runs } from "../support/command";

/** `safe-deploy release …` */
export function releaseCommands(program: Command, runs: Runs): void {
  const release = program.command("release").description("releases on their way to production, and those that were");

  release
    .command("start")
    .description("puts data-source.zip, which starts the pipeline, and prints its version and the execution")
    .option(
      "--training <uri>",
      "S3 folder of the training data (default: <bucket>/<data prefix of the model>/training)",
    )
    .option("--validation <uri>", "the same of the data that a training is validated with")
    .option("--baseline <uri>", "the same of the data that drift is measured from")
    .option("--test <uri>", "the same of the test split")
    .option("-p, --hyperparameter <name=value...>", "a hyperparameter that differs from the model's own")
    .addHelpText("after", example("release start -p num_round=200 -p eta=0.1"))
    .action(
      runs(async (context, options: StartOptions) => (await import("../release/start.js")).start(context, options)),
    );

  release
    .command("watch")
    .description("follows an execution until it ends: stages, jobs, the rollout, and why it failed if it did")
    .argument("[id]", "the execution (default: the newest)")
    .option("--until <stage>", "end when it has passed this stage, or asks somebody in it")
    .addHelpText(
      "after",
      example("release watch --until Approve", "0 if it was deployed or has come so far, 1 if it failed"),
    )
    .action(
      runs(async (context, id: string | undefined, options: WatchOptions) =>
        (await import("../release/watch.js")).watch(context, id, options),
      ),
    );

  release
    .command("list")
    .description("the executions of the pipeline, newest first: which is live, and who has approved it")
    .option("-n, --last <count>", "how many", whole, 10)
    .option("--stack <name>", "the stack whose API shows which release is live", "prod")
    .addHelpText("after", example("release list -n 3"))
    .action(runs(async (context, options: ListOptions) => (await import("../release/list.js")).list(context, options)));

  release
    .command("show")
    .description(
      "where a release comes from and what became of it: commit, data, what started it, hyperparameters, metrics and gate,\n" +
        "who approved it and why, times, the digests of archive and image, its endpoints, and whether it is live",
    )
    .argument("<id>", "the release: an execution's id, or one that was deployed by hand")
    .option("--stack <name...>", "the stacks in which its endpoints are looked for", ["dev", "prod"])
    .addHelpText(
      "after",
      example("release show 6c28916c-19f0-4d2e-9c0b-5a3f6f0e7d11", "0 if AWS knows the release, 1 if not"),
    )
    .action(
      runs(async (context, id: string, options: ShowOptions) =>
        (await import("../release/show.js")).show(context, id, options),
      ),
    );
}
