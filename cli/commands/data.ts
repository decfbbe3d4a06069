import { InvalidArgumentError, Option, type Command } from "commander";
import type { PrepareOptions } from "../data/prepare";
import { example, whole, type Runs } from "../support/command";

/** `safe-deploy data …` */
export function dataCommands(program: Command, runs: Runs): void {
  const data = program.command("data").description("the data that a release is made from");

  data
    .command("prepare")
    .description(
      "makes the data files by the model's own program, and tells what it has dropped and how the rows to train are spread",
    )
    .argument("[files...]", "what the program reads (default: it makes rows up)")
    .option("--rows <count>", "how many rows to make up (default: as many as the model's definition says)", whole)
    .option("--month <YYYY-MM>", "only rows of this month of the files, which have some of others too", month)
    .option("-o, --out <folder>", "where the files go, from the project's folder", ".local/prepared")
    .option("--upload", "upload them to where the stacks look for them: <bucket>/<data prefix of the model>")
    .addOption(
      new Option("--python <program>", "a Python with what the program needs, such as NumPy and pandas")
        .env("SAFE_DEPLOY_PYTHON")
        .default("python3"),
    )
    .addHelpText("after", example("data prepare green_tripdata_2018-02.parquet --month 2018-02 --upload"))
    .action(
      runs(async (context, files: string[], options: PrepareOptions) =>
        (await import("../data/prepare.js")).prepare(context, files, options),
      ),
    );
}

function month(text: string): string {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) {
    throw new InvalidArgumentError(`must be a month such as 2018-02, got "${text}"`);
  }
  return text;
}
