import { expect } from "chai";
import { eventually } from "../../../support/pipeline-executions";
import { toldOf, type Use } from "./fixture";

export function modes(use: Use): void {
  /** Waits until these executions stand before a stage, and no others. */
  const waiting = (stage: string, ids: readonly string[]) =>
    eventually(
      async () => {
        const { inboundExecutions = [] } = await use().lab.executions.stage(stage);
        return inboundExecutions.map(({ pipelineExecutionId }) => pipelineExecutionId ?? "");
      },
      (found) => found.join() === ids.join(),
    );

  it("lets each execution wait for its turn, as long as it is QUEUED", async () => {
    const { lab } = use();
    const first = await lab.executions.start();
    await lab.executions.token(first);
    const second = await lab.executions.start();
    await waiting("Approve", [second]);
    const third = await lab.executions.start();
    await waiting("Approve", [second, third]);

    await lab.executions.decide(first, "Approved");
    await lab.executions.decide(second, "Rejected");
    await lab.executions.decide(third, "Approved");

    expect(await lab.executions.ended(first)).to.equal("Succeeded");
    expect(await lab.executions.ended(second)).to.equal("Failed");
    expect(await lab.executions.ended(third)).to.equal("Succeeded");
  });

  it("lets the newest one take the place of one that waits, when it is SUPERSEDED", async () => {
    const { lab, switches } = use();
    await lab.up({ pullRequests: "true", executionMode: "SUPERSEDED", approvalTimeoutMinutes: "5" });
    const { first, second, third } = await switches.holding("train", async () => {
      const ids = { first: await lab.executions.start(), second: "", third: "" };
      await lab.executions.running(ids.first, "Train");
      ids.second = await lab.executions.start();
      await waiting("Train", [ids.second]);
      ids.third = await lab.executions.start();
      await waiting("Train", [ids.third]);
      return ids;
    });

    expect(await lab.executions.ended(second)).to.equal("Superseded");
    expect(await lab.executions.story(second)).to.deep.equal(["Build Succeeded"]);
    for (const id of [first, third]) {
      expect(await lab.executions.ended(id)).to.equal("Failed");
      // Nobody approves them.
      expect(await lab.executions.story(id)).to.deep.equal([
        "Build Succeeded",
        "Train Succeeded",
        "DeployDev Succeeded",
        "Approve Failed",
      ]);
    }
  });

  it("fails where nobody approves in time", async () => {
    const { lab } = use();
    const id = await lab.executions.start();

    expect(await lab.executions.ended(id)).to.equal("Failed");
    expect((await lab.executions.story(id)).at(-1)).to.equal("Approve Failed");
    const { output } = await lab.executions.action(id, "Approve");
    expect(output?.executionResult?.errorDetails?.message).to.contain("5 minutes");
    await toldOf(use(), id, `stage Approve of execution ${id} has failed`);
  });
}
