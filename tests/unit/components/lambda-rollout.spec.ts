import { expect } from "chai";
import { LambdaRollout, type LambdaRolloutArgs } from "../../../components/lambda-rollout";
import { record, valueOf } from "../../support/recorder";

const args: LambdaRolloutArgs = { functionName: "orders", functionVersion: "7" };
const ROLLOUT = "pulumi-nodejs:dynamic/sagemaker-safe-deploy:LambdaRollout";
const GROUP = "aws:codedeploy/deploymentGroup:DeploymentGroup";
const POLICY = "aws:iam/rolePolicy:RolePolicy";

async function problemsOf(wrong: Partial<LambdaRolloutArgs>): Promise<string[]> {
  try {
    await record(() => new LambdaRollout("orders", { ...args, ...wrong }));
  } catch (error) {
    return (error as Error).message.split("; ");
  }
  return [];
}

describe("LambdaRollout", () => {
  it("needs a function and a version: the version is the release, and Lambda's own metrics judge it", async () => {
    const { find, made } = await record(() => new LambdaRollout("orders", args));

    expect(find(ROLLOUT).inputs).to.deep.include({
      region: "us-east-1",
      functionName: "orders",
      functionVersion: "7",
      aliasName: "live",
      release: "7",
      releaseFrom: "version",
      kind: "function",
      hookAnswer: "none",
      alarmNames: [],
      minimumRequests: 0,
      bakeSeconds: 300,
      undecidedSeconds: 1800,
      hookTimeoutSeconds: 960,
      emergency: false,
      pollSeconds: 15,
      trafficShift: "10 % for 5 minutes, then all",
      // Shift, two hooks, bake, undecided, the longest drain, and half an hour for the rest.
      timeoutSeconds: 300 + 2 * 960 + 300 + 1800 + 905 + 1800,
    });
    expect(find(ROLLOUT).inputs).not.to.have.any.keys("probe", "latencyTimesBlue", "drainSeconds", "preTrafficHook");
    expect(made.map(({ type }) => type)).to.have.members([
      "sagemaker-safe-deploy:index:LambdaRollout",
      "aws:codedeploy/application:Application",
      "aws:iam/role:Role",
      POLICY,
      GROUP,
      ROLLOUT,
    ]);
  });

  it("makes a group that watches the alarms, rolls back by itself, and whose role reaches this function and its hooks only", async () => {
    const { find } = await record(
      () =>
        new LambdaRollout("orders", {
          ...args,
          aliasName: "prod",
          strategy: { type: "allAtOnce" },
          alarmNames: ["orders-errors"],
          preTrafficHook: "check-orders",
        }),
    );

    expect(find("aws:codedeploy/application:Application").inputs).to.deep.include({
      name: "orders-prod",
      computePlatform: "Lambda",
    });
    expect(find(GROUP).inputs).to.deep.include({
      appName: "orders-prod",
      deploymentConfigName: "CodeDeployDefault.LambdaAllAtOnce",
      alarmConfiguration: { enabled: true, alarms: ["orders-errors"] },
      autoRollbackConfiguration: {
        enabled: true,
        events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
      },
    });
    const { Statement } = JSON.parse(find(POLICY).inputs.policy as string) as { Statement: { Resource: unknown }[] };
    expect(Statement.map(({ Resource }) => Resource)).to.deep.equal([
      ["arn:aws:lambda:*:*:function:orders", "arn:aws:lambda:*:*:function:orders:*"],
      "arn:aws:lambda:*:*:function:check-orders",
      "*",
    ]);
    expect(find(ROLLOUT).inputs).to.deep.include({
      aliasName: "prod",
      applicationName: "orders-prod",
      deploymentGroupName: "orders-prod",
      alarmNames: ["orders-errors"],
      preTrafficHook: "check-orders",
      trafficShift: "all at once",
    });
  });

  it("takes an application and a group that are there, and makes nothing then but the rollout", async () => {
    const codeDeploy = { applicationName: "mine", deploymentGroupName: "my-group" };
    const { find, made, result } = await record(() => new LambdaRollout("orders", { ...args, codeDeploy }));

    expect(made.map(({ type }) => type)).to.have.members(["sagemaker-safe-deploy:index:LambdaRollout", ROLLOUT]);
    expect(find(ROLLOUT).inputs).to.deep.include(codeDeploy);
    expect(result.nodes).to.have.all.keys("rollout");
    // Only the group knows how its traffic shifts. The timeout allows for the slowest shift that AWS has.
    expect(find(ROLLOUT).inputs).not.to.have.any.keys("trafficShift");
    expect(find(ROLLOUT).inputs.timeoutSeconds).to.be.greaterThan(100 * 60);
  });

  it("hands on a release that the versions name, hooks that give verdicts, probes and knobs", async () => {
    const { find } = await record(
      () =>
        new LambdaRollout("orders", {
          ...args,
          release: "2026-11-29",
          preTrafficHook: "check-orders",
          postTrafficHook: "check-payments",
          hooksGiveVerdicts: true,
          probe: { event: { ping: [1, "two", null] }, expect: { ok: true }, perSecond: 5 },
          minimumRequests: 20,
          latencyTimesBlue: 3,
          drainSeconds: 60,
          emergency: true,
          notificationTopicArn: "arn:aws:sns:us-east-1:123456789012:releases",
        }),
    );

    expect(find(ROLLOUT).inputs).to.deep.include({
      release: "2026-11-29",
      releaseFrom: "environment",
      hookAnswer: "verdict",
      preTrafficHook: "check-orders",
      postTrafficHook: "check-payments",
      probe: { event: '{"ping":[1,"two",null]}', expect: '{"ok":true}', perSecond: 5 },
      minimumRequests: 20,
      latencyTimesBlue: 3,
      drainSeconds: 60,
      emergency: true,
      notificationTopicArn: "arn:aws:sns:us-east-1:123456789012:releases",
    });
  });

  it("takes a program's changes of its children, and gives access to them", async () => {
    const { find, result } = await record(
      () =>
        new LambdaRollout("orders", {
          ...args,
          strategy: { type: "canary", percent: 20, intervalMinutes: 3 },
          transform: {
            application: { tags: { team: "a" } },
            role: (role, opts) => {
              role.permissionsBoundary = "arn:aws:iam::123456789012:policy/boundary";
              opts.protect = true;
            },
            policy: (policy) => {
              policy.name = "shift";
            },
            group: { outdatedInstancesStrategy: "IGNORE" },
            deploymentConfig: { deploymentConfigName: "mine" },
          },
        }),
    );

    expect(find("aws:codedeploy/application:Application").inputs).to.deep.include({ tags: { team: "a" } });
    expect(find("aws:iam/role:Role").inputs.permissionsBoundary).to.equal("arn:aws:iam::123456789012:policy/boundary");
    expect(find(POLICY).inputs.name).to.equal("shift");
    expect(find(GROUP).inputs).to.include({ outdatedInstancesStrategy: "IGNORE", deploymentConfigName: "mine" });
    expect(result.nodes).to.have.all.keys("application", "role", "policy", "group", "deploymentConfig", "rollout");
  });

  it("puts out what really serves", async () => {
    const { result } = await record(() => new LambdaRollout("orders", args));

    // What the fake engine says of each rollout.
    expect(await valueOf(result.liveRelease)).to.equal("r1");
  });

  it("refuses what cannot be before it creates anything, all of it at once", async () => {
    expect(
      await problemsOf({
        strategy: { type: "canary", percent: 0, intervalMinutes: 5 },
        bakeSeconds: -1,
        minimumRequests: 1.5,
        latencyTimesBlue: 0.5,
        probe: { event: {}, perSecond: 51, ...{ expects: 1 } },
        alarmNames: Array.from({ length: 11 }, (_, i) => `alarm-${i}`),
        ...{ bakeSecond: 5 },
        transform: {},
        codeDeploy: { applicationName: "mine", deploymentGroupName: "my-group" },
      }),
    ).to.have.members([
      "strategy: percent must be a whole number from 1 to 99, got 0",
      "bakeSeconds must be 0 or more, got -1",
      "minimumRequests must be a whole number, got 1.5",
      "latencyTimesBlue must be 1 or more, got 0.5",
      "probe.perSecond must be above 0 and up to 50, got 51",
      "strategy has no effect with codeDeploy: leave one of them out",
      "transform has no effect with codeDeploy: leave one of them out",
      "alarmNames must name at most 10 alarms, got 11",
      "bakeSecond is not an argument: did you mean bakeSeconds?",
      "probe.expects is not an argument: did you mean probe.expect?",
    ]);
  });
});
