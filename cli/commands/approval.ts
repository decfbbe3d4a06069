import type { Command } from "commander";
import type { ApprovalOptions } from "../release/approval";
import { example, type Runs } from "../support/command";

/** `safe-deploy approve`, `safe-deploy reject` */
export function approvalCommands(program: Command, runs: Runs): void {
  const answers = { approve: "Approved", reject: "Rejected" } as const;
  for (const [name, status] of Object.entries(answers)) {
    program
      .command(name)
      .description(`shows what is known of the release that waits for approval, and ${name}s it`)
      .argument("[id]", "the execution (default: the one that waits)")
      .requiredOption("-c, --comment <text>", "why; it is kept with the release")
      .option("-y, --yes", "do it without asking")
      .addHelpText("after", example(`${name} --comment "tried on dev" --yes`))
      .action(
        runs(async (context, id: string | undefined, options: ApprovalOptions) =>
          (await import("../release/approval.js")).answerApproval(context, id, options, status),
        ),
      );
  }
}
