import { StopDeploymentCommand } from "@aws-sdk/client-codedeploy";
import { expect } from "chai";
import { APPLICATION, appSpec, Fixture, GROUP } from "../codedeploy/fixture";

const AT = "arn:aws:codedeploy:us-east-1:123456789012";

describe("CodeDeploy's events", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await Fixture.start(3000);
    await fixture.createGroup();
  });
  afterEach(() => fixture.close());

  const states = () =>
    fixture.announced
      .map(({ detail }) => new Map<string, unknown>(Object.entries(detail)))
      .map((detail) => detail.get("state"));

  it("tell that a deployment has started and that it has succeeded", async () => {
    const deploymentId = await fixture.deploy();
    await fixture.ended(deploymentId);

    const detail = { region: "us-east-1", deploymentId, application: APPLICATION, deploymentGroup: GROUP };
    const event = {
      source: "aws.codedeploy",
      "detail-type": "CodeDeploy Deployment State-change Notification",
      resources: [`${AT}:application:${APPLICATION}`, `${AT}:deploymentgroup:${APPLICATION}/${GROUP}`],
    };
    expect(fixture.announced).to.deep.equal([
      { ...event, detail: { ...detail, state: "START" } },
      { ...event, detail: { ...detail, state: "SUCCESS" } },
    ]);
  });

  it("tell that one was stopped, and then of the deployment that rolls it back", async () => {
    const deploymentId = await fixture.deploy();
    await fixture.until(() => fixture.lambda.moves.length > 0);
    await fixture.codeDeploy.send(new StopDeploymentCommand({ deploymentId }));
    await fixture.rollbackOf(await fixture.ended(deploymentId));
    expect(states()).to.deep.equal(["START", "STOP", "START", "SUCCESS"]);
  });

  it("tell that one has failed", async () => {
    fixture.reportVerdicts({ pre: "Failed" });
    await fixture.ended(await fixture.deploy(appSpec({ BeforeAllowTraffic: "pre" })));
    expect(states().slice(0, 2)).to.deep.equal(["START", "FAILURE"]);
  });
});
