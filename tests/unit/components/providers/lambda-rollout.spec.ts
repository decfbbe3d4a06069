import { expect } from "chai";
import { lambdaRollout } from "../../../../components/providers";
import { ALIAS_ARN, type FakeRollout } from "./fake-rollout";
import { before, canary, fakeWithR3Live, given, ID, POST, PRE, told as toldBy } from "./lambda-rollout-fixture";
import { failureOf, serverError, startAws, throttled, type TestAws } from "./test-aws";

describe("the provider of LambdaRollout", () => {
  let fake: FakeRollout;
  let aws: TestAws;

  beforeEach(async () => {
    fake = fakeWithR3Live();
    aws = await startAws(fake.services);
  });
  afterEach(() => aws.close());

  const told = () => toldBy(aws);

  describe("for a first release", () => {
    beforeEach(() => (fake.alias = undefined));

    it("asks the pre-traffic hook directly, then makes the alias", async () => {
      const { id, outs } = await lambdaRollout.create({ ...given, description: "what clients call" });

      expect(fake.invocations).to.deep.equal([`${PRE} {}`]);
      expect(fake.alias).to.deep.equal({ version: "5", weights: {}, description: "what clients call" });
      expect(fake.created).to.deep.equal([]);
      expect(id).to.equal(ID);
      expect(outs).to.deep.equal({
        ...given,
        description: "what clients call",
        aliasArn: ALIAS_ARN,
        liveRelease: "R4",
        liveVersion: "5",
        deploymentId: "",
        outcome: "created",
        history: ["R4"],
        ignoredAlarms: [],
        liveSince: outs?.liveSince,
      });
      expect(Date.parse(outs!.liveSince)).to.be.within(Date.now() - 5000, Date.now());
      expect(told()).to.deep.equal([
        `plan: release R4 is the first one: it goes live at once, once hook ${PRE} approves`,
        `${PRE}: Succeeded: 3 rows are sane`,
        "release R4 (version 5) is live: it is the first release",
      ]);
    });

    it("makes no alias where the hook refuses the release", async () => {
      fake.hookAnswer = { payload: '{"status":"Failed","reason":"prediction NaN"}' };

      const error = await failureOf(lambdaRollout.create(given));

      expect(error.message).to.equal(
        `release R4 is not live: hook ${PRE} refused it: prediction NaN\nNothing serves yet`,
      );
      expect(error.id).to.equal(undefined);
      expect(fake.alias).to.equal(undefined);
    });

    it("makes no alias where the hook crashes, or answers no verdict", async () => {
      fake.hookAnswer = { payload: '{"errorMessage":"timed out"}', error: "Unhandled" };
      expect((await failureOf(lambdaRollout.create(given))).message).to.equal(
        `hook ${PRE} failed (Unhandled): {"errorMessage":"timed out"}`,
      );

      fake.hookAnswer = { payload: "null" };
      expect((await failureOf(lambdaRollout.create(given))).message).to.equal(
        `hook ${PRE} must answer {"status": "Succeeded" or "Failed", "reason": "…"}, and answered null`,
      );
      expect(fake.alias).to.equal(undefined);
    });

    it("needs no hook", async () => {
      const { outs } = await lambdaRollout.create({ ...given, preTrafficHook: undefined });

      expect(outs?.outcome).to.equal("created");
      expect(fake.invocations).to.deep.equal([]);
    });

    it("finds its alias where the answer to its creation was lost", async () => {
      aws.trouble("POST /2015-03-31/functions/mlops-nyctaxi-api/aliases", "dropped after the work");

      const { outs } = await lambdaRollout.create(given);

      expect(outs).to.deep.include({ liveRelease: "R4", liveVersion: "5", outcome: "unchanged" });
    });

    it("refuses a version that carries another release than the one to be rolled out", async () => {
      const error = await failureOf(lambdaRollout.create({ ...given, release: "R9" }));

      expect(error.message).to.equal(
        "version 5 of mlops-nyctaxi-api carries RELEASE=R4, and release R9 is to be rolled out: give the function and the rollout " +
          "the same release",
      );
    });
  });

  describe("for the next release", () => {
    it("has CodeDeploy shift the alias from the live version to the new one, with the hooks", async () => {
      fake.steps = canary(fake);

      await lambdaRollout.update(ID, before, given);

      const [{ revision, ...rest } = {}] = fake.created;
      expect(rest).to.deep.equal({
        applicationName: "mlops-nyctaxi-api",
        deploymentGroupName: "live",
        description: "R4",
      });
      expect(revision?.revisionType).to.equal("AppSpecContent");
      expect(revision?.appSpecContent?.content).to.match(/^\{"version":0\.0,/);
      expect(JSON.parse(revision!.appSpecContent!.content!)).to.deep.equal({
        version: 0,
        Resources: [
          {
            "mlops-nyctaxi-api": {
              Type: "AWS::Lambda::Function",
              Properties: { Name: "mlops-nyctaxi-api", Alias: "live", CurrentVersion: "3", TargetVersion: "5" },
            },
          },
        ],
        Hooks: [{ BeforeAllowTraffic: PRE }, { AfterAllowTraffic: POST }],
      });
    });

    it("tells each step and each hook's verdict once, and what is live in the end", async () => {
      fake.steps = canary(fake);
      fake.logLines.push(
        { group: `/aws/lambda/${PRE}`, message: "verdict: Succeeded: 3 rows are sane" },
        { group: `/aws/lambda/${POST}`, message: '{"message":"verdict: Succeeded: 2 captures have arrived"}' },
      );

      const { outs } = await lambdaRollout.update(ID, before, given);

      expect(told()).to.deep.equal([
        "deployment d-1 shifts the traffic from release R3 (version 3) to release R4 (version 5)",
        "BeforeAllowTraffic: InProgress",
        "BeforeAllowTraffic: Succeeded",
        `${PRE}: Succeeded: 3 rows are sane`,
        "AllowTraffic: InProgress",
        "10 % of the traffic goes to release R4 (version 5)",
        "AllowTraffic: Succeeded",
        "100 % of the traffic goes to release R4 (version 5)",
        "AfterAllowTraffic: Succeeded",
        `${POST}: Succeeded: 2 captures have arrived`,
        "release R4 (version 5) is live",
      ]);
      expect(outs).to.deep.equal({
        ...given,
        aliasArn: ALIAS_ARN,
        liveRelease: "R4",
        liveVersion: "5",
        deploymentId: "d-1",
        outcome: "deployed",
        history: ["R4", "R3", "R2"],
        ignoredAlarms: [],
        liveSince: "2026-02-01T12:00:00Z",
      });
    });

    it("waits for requests in flight: five seconds more than the old version may take, or as long as it is told", async () => {
      fake.steps = canary(fake);
      const start = Date.now();
      await lambdaRollout.update(ID, before, { ...given, drainSeconds: 0.2 });
      expect(Date.now() - start).to.be.at.least(200);
      expect(told().at(-1)).to.equal("waiting 1 s for the requests that the old release is answering");
    });

    it("does not believe a success that has not moved the alias", async () => {
      fake.steps = [(d) => (d.info.status = "Succeeded")];

      const error = await failureOf(lambdaRollout.update(ID, before, given));

      expect(error.message).to.equal(
        "CodeDeploy says that deployment d-1 has succeeded, but the alias does not send everything to version 5: it points to " +
          "version 3\n" +
          "Release R4 answered 0 requests and failed 0, by CloudWatch's count\n" +
          "Live now: release R3 (version 3), since 2026-01-01T00:00:00Z\n" +
          "To go back to it: pulumi config set release R3 && pulumi up",
      );
      expect(error.properties).to.deep.include({ liveRelease: "R3", outcome: "failed" });
    });

    it("takes back shares of the traffic that a vanished deployment has left over", async () => {
      fake.alias = { version: "3", weights: { "4": 0.1 } };
      fake.steps = canary(fake);

      await lambdaRollout.update(ID, before, given);

      expect(told()[0]).to.equal(
        "no deployment is under way, and yet the alias sends 10 % to version 4: sending everything to version 3 again",
      );
      expect(fake.alias).to.deep.equal({ version: "5", weights: {} });
    });

    it("outlasts throttling, server errors and dropped connections", async () => {
      fake.steps = canary(fake);
      aws.trouble("GetDeployment", serverError(), throttled(), "dropped");
      aws.trouble("CreateDeployment", "dropped after the work");

      const { outs } = await lambdaRollout.update(ID, before, given);

      expect(outs).to.deep.include({ liveRelease: "R4", deploymentId: "d-1" });
      expect(fake.created).to.have.length(1);
    });
  });

  describe("where the release is live already", () => {
    it("deploys nothing, and leaves the version that serves", async () => {
      fake.versions.set("6", { release: "R3", code: "sha-3" });
      const failed = { ...before, ...given, deploymentId: "d-1", outcome: "failed" as const };

      const { outs } = await lambdaRollout.update(ID, failed, { ...given, release: "R3", functionVersion: "6" });

      expect(fake.created).to.deep.equal([]);
      expect(outs).to.deep.include({
        liveRelease: "R3",
        liveVersion: "3",
        functionVersion: "6",
        deploymentId: "",
        outcome: "unchanged",
      });
      expect(told()).to.deep.equal(["release R3 (version 3) is live already: nothing to deploy"]);
    });

    it("says that changed code needs a new release", async () => {
      fake.versions.set("6", { release: "R3", code: "sha-6" });

      await lambdaRollout.update(ID, before, { ...given, release: "R3", functionVersion: "6" });

      expect(told()).to.deep.equal([
        "release R3 (version 3) is live already: nothing to deploy",
        "the code has changed, the release has not: to deploy the change, use a new release id",
      ]);
    });
  });
});
