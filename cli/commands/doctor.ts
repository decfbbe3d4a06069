import type { Command } from "commander";
import { example, type Runs } from "../support/command";

/** `safe-deploy doctor` */
export function doctorCommand(program: Command, runs: Runs): void {
  program
    .command("doctor")
    .description(
      "looks at what has to be there: credentials, region, quotas of SageMaker, Lambda and CodeBuild for what is configured, roles,\n" +
        "Model Monitor, CodeCommit, API Gateway's log role, Pulumi's state, and what is installed here; each with a remedy",
    )
    .addHelpText("after", example("doctor", "0 if nothing is wrong, 1 if something is"))
    .action(runs(async (context) => (await import("../doctor/doctor.js")).doctor(context)));
}
