import { Command } from "commander";
import { approvalCommands } from "./commands/approval";
import { canaryCommands } from "./commands/canary";
import { dashboardCommands } from "./commands/dashboard";
import { dataCommands } from "./commands/data";
import { destroyCommands } from "./commands/destroy";
import { doctorCommand } from "./commands/doctor";
import { driftCommands } from "./commands/drift";
import { endpointCommands } from "./commands/endpoint";
import { explainCommand } from "./commands/explain";
import { releaseCommands } from "./commands/release";
import { retrainCommands } from "./commands/retrain";
import { rollbackCommand } from "./commands/rollback";
import { trafficCommands } from "./commands/traffic";
import { uiCommands } from "./commands/ui";
import { runsAt, type AddCommands } from "./support/command";
import type { Streams } from "./support/terminal";

/** The groups of commands, in the order in which `--help` lists them. */
const GROUPS: readonly AddCommands[] = [
  dataCommands,
  releaseCommands,
  approvalCommands,
  endpointCommands,
  trafficCommands,
  rollbackCommand,
  uiCommands,
  driftCommands,
  canaryCommands,
  retrainCommands,
  explainCommand,
  dashboardCommands,
  doctorCommand,
  destroyCommands,
];

/** The command `safe-deploy`. @param exit is told the exit status of what was called */
export function safeDeploy(streams: Streams, exit: (status: number) => void): Command {
  const program = new Command("safe-deploy")
    .description(
      "Operates a model's releases: starts them, watches them on their way to production, approves them, tests them, goes back.\n" +
        "Works the same against AWS and against the local AWS of `npm run local -- --keep`. Region, account and names are those of\n" +
        "Pulumi's files in this folder and of the AWS SDK's settings.",
    )
    .option("--json", "print the answer as JSON, and nothing else on stdout")
    .option("--model <name>", "name of the model (default: the project's)")
    .option("--project <folder>", "folder of the project (default: SAFE_DEPLOY_PROJECT, or this folder)")
    .option("--region <name>", "AWS region (default: aws:region of the stacks, or the SDK's)")
    .option("--profile <name>", "profile of the AWS CLI's files (default: aws:profile of the stacks, or the SDK's)")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => streams.stdout.write(text),
      writeErr: (text) => streams.stderr.write(text),
    })
    .exitOverride()
    .showSuggestionAfterError();
  const runs = runsAt(streams, exit);
  GROUPS.forEach((add) => add(program, runs));
  program.commands.forEach(function inherit(command: Command) {
    command.copyInheritedSettings(program);
    command.commands.forEach(inherit);
  });
  return program;
}
