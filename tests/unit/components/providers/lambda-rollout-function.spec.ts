import { expect } from "chai";
import { lambdaRollout } from "../../../../components/providers";
import type { LambdaRolloutInputs, LambdaRolloutOutputs } from "../../../../components/providers/rollout/inputs";
import type { FakeRollout } from "./fake-rollout";
import { alarmed, before, canary, fakeWithR3Live, given, ID, PRE, told as toldBy } from "./lambda-rollout-fixture";
import { failureOf, startAws, type TestAws } from "./test-aws";

/** A function that knows nothing of releases, with hooks that only report to CodeDeploy. */
const plain: LambdaRolloutInputs = {
  ...given,
  release: "5",
  kind: "function",
  releaseFrom: "version",
  hookAnswer: "none",
};
const live3: LambdaRolloutOutputs = {
  ...before,
  ...plain,
  functionVersion: "3",
  release: "3",
  liveRelease: "3",
  history: ["3"],
};

describe("the provider of LambdaRollout, for any function,", () => {
  let fake: FakeRollout;
  let aws: TestAws;

  beforeEach(async () => {
    fake = fakeWithR3Live();
    fake.versions.set("3", { release: "", code: "sha-3" });
    fake.versions.set("5", { release: "", code: "sha-5" });
    aws = await startAws(fake.services);
  });
  afterEach(() => aws.close());

  const told = () => toldBy(aws);

  it("makes the alias for the first version, without asking a hook that answers to CodeDeploy alone", async () => {
    fake.alias = undefined;

    const { outs } = await lambdaRollout.create(plain);

    expect(outs).to.deep.include({ liveRelease: "5", liveVersion: "5", outcome: "created", history: ["5"] });
    expect(fake.invocations).to.deep.equal([]);
    expect(told()).to.deep.equal([
      "plan: release 5 is the first one: it goes live at once",
      `${PRE}: not called: it answers only to CodeDeploy, and there is no deployment`,
      "release 5 (version 5) is live: it is the first release",
    ]);
  });

  it("shifts from version to version, whatever RELEASE says, and looks for no verdicts in logs", async () => {
    fake.versions.set("5", { release: "of somebody else's", code: "sha-5" });
    fake.steps = canary(fake);

    const { outs } = await lambdaRollout.update(ID, live3, plain);

    expect(outs).to.deep.include({ liveRelease: "5", liveVersion: "5", outcome: "deployed", history: ["5", "3"] });
    expect(aws.calls).not.to.include("FilterLogEvents");
    expect(told()).to.include("release 5 (version 5) is live");
  });

  it("deploys nothing for the version that is live", async () => {
    const { changes } = await lambdaRollout.diff(ID, live3, { ...plain, functionVersion: "3", release: "3" });
    expect(changes).to.equal(false);

    const { outs } = await lambdaRollout.update(
      ID,
      { ...live3, outcome: "failed", liveRelease: "4" },
      {
        ...plain,
        functionVersion: "3",
        release: "3",
      },
    );
    expect(outs?.outcome).to.equal("unchanged");
    expect(fake.created).to.deep.equal([]);
  });

  it("counts by Lambda's metrics, and says how to go back without this project's config", async () => {
    fake.steps = alarmed(fake);
    fake.watch.metrics.requests = 40;
    fake.watch.metrics.requests1 = 2;
    fake.watch.metrics.faults = 3;

    const { message } = await failureOf(lambdaRollout.update(ID, live3, plain));

    expect(message.split("\n").slice(-3)).to.deep.equal([
      "Release 5 answered 39 requests and failed 3, by CloudWatch's count",
      "Live now: release 3 (version 3), since 2026-01-01T00:00:00Z",
      'To go back to it: pulumi up with functionVersion "3"',
    ]);
  });

  describe("probed with an event,", () => {
    const probed: LambdaRolloutInputs = { ...plain, probe: { event: "{}", expect: '{"ok":true}', perSecond: 50 } };

    it("goes live where the answers are as expected", async () => {
      fake.probeAnswer = '{"ok":true,"more":1}';
      fake.steps = canary(fake);

      const { outs } = await lambdaRollout.update(ID, live3, { ...probed, bakeSeconds: 0.1 });

      expect(outs?.liveRelease).to.equal("5");
      expect(fake.probed).to.include("5");
    });

    it("is stopped while the traffic moves where one is not", async () => {
      fake.probeAnswer = '{"ok":false}';
      fake.steps = [() => (fake.alias!.weights = { "5": 0.1 })];

      const { message } = await failureOf(lambdaRollout.update(ID, live3, probed));

      expect(fake.stopped).to.deep.equal(["d-1"]);
      expect(fake.alias).to.deep.equal({ version: "3", weights: {} });
      expect(message).to.match(
        /^release 5 is not live: deployment d-1 stopped\n {2}\d+ of \d+ probes? failed: answer\.ok is not what the probe expects: got false\n/,
      );
    });

    it("goes back in its bake where one is not", async () => {
      fake.probeAnswer = '{"ok":true}';
      const steps = canary(fake);
      fake.steps = [
        ...steps.slice(0, -1),
        (deployment) => {
          steps.at(-1)!(deployment);
          fake.probeAnswer = '{"ok":"not any more"}';
        },
      ];

      const { message } = await failureOf(lambdaRollout.update(ID, live3, { ...probed, bakeSeconds: 5 }));

      expect(fake.alias).to.deep.equal({ version: "3", weights: {} });
      expect(message).to.match(
        /^release 5 is not live: it did not pass its bake\n {2}\d+ of \d+ probes? failed: answer\.ok is not what the probe expects\n/,
      );
    });
  });

  it("tells what CodeDeploy says of a hook that has refused, and waits for no verdict", async () => {
    fake.steps = [
      (deployment) => {
        deployment.events.push({
          lifecycleEventName: "BeforeAllowTraffic",
          status: "Failed",
          diagnostics: { message: "the hook reported Failed" },
        });
        deployment.info.status = "Failed";
      },
    ];

    const { message } = await failureOf(lambdaRollout.update(ID, live3, plain));

    expect(message).to.include(`BeforeAllowTraffic failed: ${PRE}: the hook reported Failed`);
    expect(aws.calls).not.to.include("FilterLogEvents");
  });

  it("refuses a release of a version that carries none", async () => {
    const named: LambdaRolloutInputs = { ...plain, release: "R4", releaseFrom: "environment" };

    expect((await failureOf(lambdaRollout.create(named))).message).to.equal(
      "version 5 of mlops-nyctaxi-api has no RELEASE, but release R4 is to be rolled out: give the function and the rollout " +
        "the same release",
    );
  });

  it("takes probes with rows or with an event, not both and not neither", async () => {
    for (const probe of [{ perSecond: 1 }, { rows: ["1"], event: "{}", perSecond: 1 }]) {
      const { failures } = await lambdaRollout.check({}, { ...plain, probe });
      expect(failures).to.deep.equal([{ property: "probe", reason: "must have either rows, requests or an event" }]);
    }
    expect((await lambdaRollout.check({}, { ...plain, probe: { event: "{}", perSecond: 1 } })).failures).to.deep.equal(
      [],
    );
  });
});
