import { expect } from "chai";
import { dataSource, STAGE_SECONDS, type Use } from "./fixture";

export function refusals(use: Use): void {
  it("does not build with data that it cannot use, and says what is wrong with it", async () => {
    const { lab } = use();
    const { id } = await lab.executions.startedBy(() =>
      lab.putData({ "inputData.json": { TrainingUri: "somewhere" }, "hyperparameters.json": {} }),
    );

    expect(await lab.executions.ended(id, STAGE_SECONDS)).to.equal("Failed");
    expect(await lab.executions.story(id)).to.deep.equal(["Build Failed"]);
    const said = await lab.executions.complaint(id, "Build");
    expect(said).to.contain("TrainingUri: must be an S3 URI").and.to.contain("BaselineUri");
  });

  it("does not go on with a model that is not good enough, and leaves dev and prod alone", async () => {
    const { lab, operator, live } = use();
    const { id } = await lab.executions.startedBy(() =>
      lab.putData(dataSource(use(), { num_round: "1", eta: "0.01" })),
    );

    expect(await lab.executions.ended(id, 2 * STAGE_SECONDS)).to.equal("Failed");
    expect(await lab.executions.story(id)).to.deep.equal(["Build Succeeded", "Train Failed"]);
    expect(await lab.executions.complaint(id, "Train")).to.match(
      /wants validation:rmse to be at most 10, and it is \d/,
    );
    // A commit is checked once.
    expect((await lab.executions.log(id, "Build")).join("\n")).to.contain("has passed them before");
    expect(await operator.outputs("prod")).to.deep.include({ liveRelease: live });
  });

  it("refuses code that would replace what is live, before anybody is asked", async () => {
    const { lab, source } = use();
    const { id } = await lab.executions.startedBy(() =>
      source.edit("components/blue-green-api/rest-front.ts", 'const STAGE = "Prod"', 'const STAGE = "Production"'),
    );

    expect(await lab.executions.ended(id, STAGE_SECONDS)).to.equal("Failed");
    expect(await lab.executions.story(id)).to.deep.equal(["Build Failed"]);
    const said = await lab.executions.complaint(id, "Build");
    expect(said).to.contain("this release must not be deployed");
    expect(said).to.match(/prod: .*Stage.* is live and would be replaced because of stageName/);
  });
}
