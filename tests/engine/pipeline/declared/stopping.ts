import { expect } from "chai";
import type { Use } from "./fixture";

export function stopping(use: Use): void {
  it("lets the action under way end when it is stopped, and starts none after it", async () => {
    const { lab, switches } = use();
    const id = await switches.holding("train", async () => {
      const started = await lab.executions.start();
      await lab.executions.running(started, "Train");
      await lab.executions.stop(started, false);
      expect(await lab.executions.status(started)).to.equal("Stopping");
      return started;
    });

    expect(await lab.executions.ended(id)).to.equal("Stopped");
    expect((await lab.executions.story(id)).at(-1)).to.equal("Train Succeeded");
  });

  it("leaves the action under way where it is when it is stopped at once, and runs it anew when it is retried", async () => {
    const { lab, switches } = use();
    const id = await switches.holding("dev", async () => {
      const started = await lab.executions.start();
      await lab.executions.running(started, "DeployDev");
      await lab.executions.stop(started, true);
      expect(await lab.executions.ended(started)).to.equal("Stopped");
      return started;
    });
    expect((await lab.executions.story(id)).at(-1)).to.equal("DeployDev Abandoned");
    const [stopped] = (await lab.executions.all()).slice(-1);
    expect(stopped).to.deep.include({ status: "Stopped", stopTrigger: { reason: "the test says so" } });

    await lab.executions.retry(id, "DeployDev");
    await lab.executions.decide(id, "Approved");

    expect(await lab.executions.ended(id)).to.equal("Succeeded");
    expect(await lab.executions.story(id)).to.deep.equal([
      "Build Succeeded",
      "Train Succeeded",
      "DeployDev Abandoned",
      "DeployDev Succeeded",
      "Approve Succeeded",
      "DeployProd Succeeded",
    ]);
  });

  it("asks for approval anew when it was stopped while it waited for one", async () => {
    const { lab } = use();
    const id = await lab.executions.start();
    const first = await lab.executions.token(id);
    await lab.executions.stop(id, true);
    expect(await lab.executions.ended(id)).to.equal("Stopped");

    await lab.executions.retry(id, "Approve");

    expect(await lab.executions.token(id)).not.to.equal(first);
    await lab.executions.decide(id, "Approved");
    expect(await lab.executions.ended(id)).to.equal("Succeeded");
  });
}
