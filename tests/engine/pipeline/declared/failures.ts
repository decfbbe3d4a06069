import { expect } from "chai";
import { toldOf, type Use } from "./fixture";

const AFTER = ["Build", "Train", "DeployDev", "DeployProd"];

export function failures(use: Use): void {
  for (const [stage, action, what] of [
    ["Build", "Build", "Build"],
    ["Train", "Train", "train"],
  ] as const) {
    it(`stops at a ${stage} that fails, says why, and goes on from there when it is retried`, async () => {
      const { lab, switches } = use();
      const id = await lab.executions.start();
      await switches.failing(what, async () => {
        expect(await lab.executions.ended(id)).to.equal("Failed");
      });

      expect((await lab.executions.story(id)).at(-1)).to.equal(`${action} Failed`);
      const { output } = await lab.executions.action(id, action);
      expect(output?.executionResult?.errorDetails?.message).to.contain("Reason: exit status 1");
      expect(await lab.executions.log(id, action)).to.include(`${what} was told to fail`);
      await toldOf(use(), id, `stage ${stage} of execution ${id} has failed`);

      await lab.executions.retry(id, stage);
      await lab.executions.decide(id, "Rejected");
      await lab.executions.ended(id);
      const before = AFTER.slice(0, AFTER.indexOf(action)).map((done) => `${done} Succeeded`);
      const after = AFTER.slice(AFTER.indexOf(action), -1).map((done) => `${done} Succeeded`);
      expect(await lab.executions.story(id)).to.deep.equal([...before, `${action} Failed`, ...after, "Approve Failed"]);
    });
  }

  it("fails at a DeployProd that fails, and deploys when it is retried, without another approval", async () => {
    const { lab, switches } = use();
    const id = await lab.executions.start();
    await switches.failing("prod", async () => {
      await lab.executions.decide(id, "Approved");
      expect(await lab.executions.ended(id)).to.equal("Failed");
    });
    await toldOf(use(), id, `stage DeployProd of execution ${id} has failed`);

    await lab.executions.retry(id, "DeployProd");

    expect(await lab.executions.ended(id)).to.equal("Succeeded");
    expect((await lab.executions.story(id)).slice(-3)).to.deep.equal([
      "Approve Succeeded",
      "DeployProd Failed",
      "DeployProd Succeeded",
    ]);
    await toldOf(use(), id, `execution ${id} is deployed`);
  });
}
