import {
  BatchGetDeploymentGroupsCommand,
  BatchGetDeploymentsCommand,
  BatchGetDeploymentTargetsCommand,
  CreateApplicationCommand,
  CreateDeploymentConfigCommand,
  DeleteDeploymentConfigCommand,
  DeleteDeploymentGroupCommand,
  GetDeploymentConfigCommand,
  GetDeploymentGroupCommand,
  ListDeploymentConfigsCommand,
  ListDeploymentGroupsCommand,
  ListDeploymentsCommand,
  ListOnPremisesInstancesCommand,
  UpdateDeploymentGroupCommand,
  type CreateDeploymentGroupCommandInput,
} from "@aws-sdk/client-codedeploy";
import { expect } from "chai";
import { APPLICATION, appSpec, Fixture, GROUP } from "./fixture";

describe("CodeDeploy", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await Fixture.start(6000);
  });
  afterEach(() => fixture.close());

  const failure = async (call: Promise<unknown>) => {
    try {
      await call;
    } catch (error) {
      return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    }
    return "no error";
  };
  const group = async () => {
    const command = new GetDeploymentGroupCommand({ applicationName: APPLICATION, deploymentGroupName: GROUP });
    return (await fixture.codeDeploy.send(command)).deploymentGroupInfo!;
  };

  describe("applications", () => {
    it("exist once, and only for Lambda", async () => {
      const create = (applicationName: string, computePlatform: "Lambda" | "ECS") =>
        fixture.codeDeploy.send(new CreateApplicationCommand({ applicationName, computePlatform }));
      expect(await failure(create(APPLICATION, "Lambda"))).to.contain("ApplicationAlreadyExistsException");
      expect(await failure(create("ecs", "ECS"))).to.contain("CreateApplication for compute platform ECS");
    });
  });

  describe("deployment configurations", () => {
    it("are AWS's own for Lambda, with what their names say", async () => {
      const { deploymentConfigsList = [] } = await fixture.codeDeploy.send(new ListDeploymentConfigsCommand({}));
      expect(deploymentConfigsList).to.deep.equal([
        "CodeDeployDefault.LambdaAllAtOnce",
        "CodeDeployDefault.LambdaCanary10Percent10Minutes",
        "CodeDeployDefault.LambdaCanary10Percent15Minutes",
        "CodeDeployDefault.LambdaCanary10Percent30Minutes",
        "CodeDeployDefault.LambdaCanary10Percent5Minutes",
        "CodeDeployDefault.LambdaLinear10PercentEvery10Minutes",
        "CodeDeployDefault.LambdaLinear10PercentEvery1Minute",
        "CodeDeployDefault.LambdaLinear10PercentEvery2Minutes",
        "CodeDeployDefault.LambdaLinear10PercentEvery3Minutes",
      ]);
      for (const deploymentConfigName of deploymentConfigsList) {
        const { deploymentConfigInfo } = await fixture.codeDeploy.send(
          new GetDeploymentConfigCommand({ deploymentConfigName }),
        );
        const { timeBasedCanary: canary, timeBasedLinear: linear } = deploymentConfigInfo?.trafficRoutingConfig ?? {};
        const minutes = canary?.canaryInterval ?? linear?.linearInterval;
        expect(minutes === undefined ? "AllAtOnce" : String(minutes)).to.equal(
          /(?:AllAtOnce|\d+(?=Minutes?$))/.exec(deploymentConfigName)?.[0],
        );
      }
    });

    it("may be one's own, and are not deleted while a group uses them", async () => {
      const deploymentConfigName = "quick";
      const create = () =>
        fixture.codeDeploy.send(
          new CreateDeploymentConfigCommand({
            deploymentConfigName,
            computePlatform: "Lambda",
            trafficRoutingConfig: {
              type: "TimeBasedCanary",
              timeBasedCanary: { canaryPercentage: 25, canaryInterval: 1 },
            },
          }),
        );
      const remove = (name: string) =>
        fixture.codeDeploy.send(new DeleteDeploymentConfigCommand({ deploymentConfigName: name }));
      await create();
      expect(await failure(create())).to.contain("DeploymentConfigAlreadyExistsException");
      await fixture.createGroup({ deploymentConfigName });
      await fixture.ended(await fixture.deploy());
      expect(fixture.lambda.moves).to.deep.equal(["1 + 25 % 2", "2"]);
      expect(await failure(remove(deploymentConfigName))).to.contain("DeploymentConfigInUseException");
      expect(await failure(remove("CodeDeployDefault.LambdaAllAtOnce"))).to.contain("InvalidOperationException");
      const application = { applicationName: APPLICATION, deploymentGroupName: GROUP };
      await fixture.codeDeploy.send(new DeleteDeploymentGroupCommand(application));
      await remove(deploymentConfigName);
      expect(await failure(fixture.createGroup({ deploymentConfigName }))).to.contain(
        "DeploymentConfigDoesNotExistException",
      );
    });
  });

  describe("deployment groups", () => {
    it("are created, changed in part, renamed, listed and deleted", async () => {
      const triggers = [
        {
          triggerName: "t",
          triggerTargetArn: "arn:aws:sns:us-east-1:123456789012:t",
          triggerEvents: ["DeploymentFailure" as const],
        },
      ];
      await fixture.createGroup({ triggerConfigurations: triggers });
      const created = await group();
      expect(created).to.deep.include({ computePlatform: "Lambda", triggerConfigurations: triggers });
      const update = { applicationName: APPLICATION, currentDeploymentGroupName: GROUP };
      const alarmConfiguration = { enabled: true, alarms: [{ name: "errors" }], ignorePollAlarmFailure: false };
      await fixture.codeDeploy.send(new UpdateDeploymentGroupCommand({ ...update, alarmConfiguration }));
      expect(await group()).to.deep.equal({ ...created, alarmConfiguration });
      await fixture.codeDeploy.send(new UpdateDeploymentGroupCommand({ ...update, newDeploymentGroupName: "new" }));
      const list = async () =>
        (await fixture.codeDeploy.send(new ListDeploymentGroupsCommand({ applicationName: APPLICATION })))
          .deploymentGroups;
      expect(await list()).to.deep.equal(["new"]);
      const names = { applicationName: APPLICATION, deploymentGroupNames: ["new", "absent"] };
      const batch = await fixture.codeDeploy.send(new BatchGetDeploymentGroupsCommand(names));
      expect([batch.deploymentGroupsInfo?.length, batch.errorMessage]).to.deep.equal([
        1,
        "No Deployment Group found for name: absent",
      ]);
      await fixture.codeDeploy.send(
        new DeleteDeploymentGroupCommand({ applicationName: APPLICATION, deploymentGroupName: "new" }),
      );
      expect(await list()).to.deep.equal([]);
    });

    it("tell their last deployments", async () => {
      await fixture.createGroup();
      const good = await fixture.deploy();
      await fixture.ended(good);
      const bad = await fixture.deploy(appSpec({}, ["1", "3"]));
      await fixture.ended(bad);
      const info = await group();
      expect(info.lastSuccessfulDeployment).to.deep.include({ deploymentId: good, status: "Succeeded" });
      expect(info.lastAttemptedDeployment).to.deep.include({ deploymentId: bad, status: "Failed" });
      expect(info.targetRevision).to.deep.equal((await fixture.deployment(good)).revision);
    });

    const refused: readonly (readonly [Partial<CreateDeploymentGroupCommandInput>, string])[] = [
      [{ deploymentStyle: undefined }, "InvalidDeploymentStyleException: For the Lambda compute platform"],
      [{ alarmConfiguration: { enabled: true, alarms: [] } }, "InvalidAlarmConfigException"],
      [{ autoRollbackConfiguration: { enabled: true, events: [] } }, "InvalidAutoRollbackConfigException"],
      [{ autoScalingGroups: ["asg"] }, "takes no autoScalingGroups"],
      [{ serviceRoleArn: undefined }, "serviceRoleArn"],
      [{ applicationName: "absent" }, "ApplicationDoesNotExistException"],
    ];
    for (const [settings, message] of refused) {
      it(`are refused with ${JSON.stringify(settings)}`, async () => {
        expect(await failure(fixture.createGroup(settings))).to.contain(message);
      });
    }
  });

  describe("deployments", () => {
    it("of one group run one at a time", async () => {
      await fixture.createGroup();
      const id = await fixture.deploy();
      expect(await failure(fixture.deploy())).to.equal(
        `DeploymentLimitExceededException: The Deployment Group '${GROUP}' is already deploying deployment '${id}'.`,
      );
      await fixture.ended(id);
    });

    it("are listed by group, status and time, in an order that says nothing", async () => {
      await fixture.createGroup();
      const good = await fixture.deploy();
      await fixture.ended(good);
      const bad = await fixture.deploy(appSpec({}, ["1", "3"]));
      const { createTime } = await fixture.ended(bad);
      const list = async (input: object) =>
        (await fixture.codeDeploy.send(new ListDeploymentsCommand(input))).deployments;
      const ofGroup = { applicationName: APPLICATION, deploymentGroupName: GROUP };
      expect(await list({})).to.deep.equal([bad, good].sort());
      expect(await list(ofGroup)).to.deep.equal([bad, good].sort());
      expect(await list({ ...ofGroup, includeOnlyStatuses: ["Succeeded"] })).to.deep.equal([good]);
      expect(await list({ createTimeRange: { end: new Date(createTime!.getTime() - 1) } })).to.deep.equal([good]);
      expect(await list({ createTimeRange: { start: createTime } })).to.deep.equal([bad]);
      expect(await failure(list({ applicationName: APPLICATION }))).to.contain("DeploymentGroupNameRequiredException");
      expect(await failure(list({ ...ofGroup, deploymentGroupName: "absent" }))).to.contain(
        "DeploymentGroupDoesNotExistException",
      );
    });

    it("and their targets are got by id, also several at once", async () => {
      await fixture.createGroup();
      const deploymentId = await fixture.deploy();
      await fixture.ended(deploymentId);
      const batch = await fixture.codeDeploy.send(new BatchGetDeploymentsCommand({ deploymentIds: [deploymentId] }));
      expect(batch.deploymentsInfo).to.deep.equal([await fixture.deployment(deploymentId)]);
      const targetIds = ["mlops-nyctaxi-api:live"];
      const { deploymentTargets } = await fixture.codeDeploy.send(
        new BatchGetDeploymentTargetsCommand({ deploymentId, targetIds }),
      );
      expect(deploymentTargets).to.deep.equal([
        { deploymentTargetType: "LambdaTarget", lambdaTarget: await fixture.target(deploymentId) },
      ]);
      expect(await failure(fixture.deployment("d-ABSENT000"))).to.contain("DeploymentDoesNotExistException");
    });

    it("remember the revision before", async () => {
      await fixture.createGroup();
      const first = await fixture.ended(await fixture.deploy());
      const second = await fixture.ended(await fixture.deploy(appSpec({}, ["2", "3"])));
      expect([first.previousRevision, second.previousRevision]).to.deep.equal([undefined, first.revision]);
    });

    it("are refused without a revision, or with a group that does not exist", async () => {
      await fixture.createGroup();
      expect(await failure(fixture.deploy(appSpec(), { revision: undefined }))).to.contain("RevisionRequiredException");
      expect(await failure(fixture.deploy(appSpec(), { deploymentGroupName: "absent" }))).to.contain(
        "DeploymentGroupDoesNotExistException",
      );
    });
  });

  it("names what it does not have", async () => {
    const call = fixture.codeDeploy.send(new ListOnPremisesInstancesCommand({}));
    expect(await failure(call)).to.contain("NotImplemented: CodeDeploy.ListOnPremisesInstances");
  });
});
