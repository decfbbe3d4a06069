import { expect } from "chai";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { configSchemas, parseConfig } from "../../../lib/config";
import { predefinedConfigName } from "../../../lib/traffic-shift";

/** What a stack's file in the project says, as the program is given it. */
function fileOf(stack: string): Record<string, string> {
  const { config } = parse(readFileSync(join(__dirname, `../../../Pulumi.${stack}.yaml`), "utf8")) as {
    config: Record<string, unknown>;
  };
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => !key.includes(":"))
      .map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

describe("config", () => {
  const stacks = {
    train: (values: Record<string, string>) => parseConfig(configSchemas.train, values),
    dev: (values: Record<string, string>) => parseConfig(configSchemas.dev, values),
    prod: (values: Record<string, string>) => parseConfig(configSchemas.prod, values),
  };
  for (const [stack, parseStack] of Object.entries(stacks)) {
    it(`in Pulumi.${stack}.yaml is complete but for the release`, () => {
      expect(() => parseStack(fileOf(stack))).to.throw(
        "  release: is missing; set it with: pulumi config set release <value>",
      );
      // The model's folder says the name.
      expect(parseStack({ ...fileOf(stack), release: "r1" }))
        .to.include({ modelFolder: "model" })
        .and.not.to.have.property("model");
    });
  }

  it("names each member that is wrong in a value that is false or an object", () => {
    const driftMonitor = JSON.stringify({ threshold: "x", leastRows: 0, wached: [] });
    const qualityMonitor = JSON.stringify({ measure: "r2" });
    expect(() => stacks.prod({ ...fileOf("prod"), release: "r1", driftMonitor, qualityMonitor })).to.throw(
      /driftMonitor\.threshold: .*\n  driftMonitor\.leastRows: must be above 0, .*\n  driftMonitor\.wached: is not a field of driftMonitor\n  qualityMonitor\.measure: /,
    );
    expect(() => stacks.prod({ ...fileOf("prod"), release: "r1", driftMonitor: "true" })).to.throw(
      "  driftMonitor: must be false, or an object with ",
    );
  });

  it("has the reference's values in production", () => {
    const config = parseConfig(configSchemas.prod, { ...fileOf("prod"), release: "r1" });

    expect(config).to.deep.include({
      instanceType: "ml.m5.large",
      minInstances: 2,
      maxInstances: 10,
      targetInvocationsPerInstance: 750,
    });
    expect(config).to.deep.include({
      scalingCooldownSeconds: 60,
      capturePercentage: 100,
      auth: "iam",
      pollSeconds: 15,
    });
    expect(predefinedConfigName(config.strategy)).to.equal("CodeDeployDefault.LambdaCanary10Percent5Minutes");
  });

  it("tells everything that is wrong at once, with the key as it was written and the value", () => {
    const wrong = {
      model: "NYC",
      minInstances: "0",
      capturePercentage: "many",
      auth: "basic",
      instanceTyp: "ml.m5.large",
    };

    expect(() => parseConfig(configSchemas.prod, wrong))
      .to.throw()
      .with.property("message")
      .that.satisfies((message: string) => {
        const lines = message.split("\n");
        expect(lines).to.include('  minInstances: must be 1 or more, got "0"');
        expect(lines).to.include('  capturePercentage: must be a number, got "many"');
        expect(lines).to.include("  release: is missing; set it with: pulumi config set release <value>");
        expect(lines).to.include("  instanceType: is missing; set it with: pulumi config set instanceType <value>");
        expect(lines.some((line) => line.startsWith("  model: must be lower-case"))).to.equal(true);
        expect(lines.some((line) => line.startsWith("  auth: ") && line.endsWith('got "basic"'))).to.equal(true);
        expect(lines.some((line) => line.startsWith("  instanceTyp: is not a key of this stack"))).to.equal(true);
        return true;
      });
  });

  it("says which key was meant, and tells what is wrong besides the values with them", () => {
    const wrong = { release: "r1", instanceTyp: "ml.m5.large", whatever: "1" };
    const problems = ["the stack's name: must not be long"];

    expect(() => parseConfig(configSchemas.prod, wrong, problems))
      .to.throw()
      .with.property("message")
      .that.matches(/\n {2}instanceTyp: is not a key of this stack; did you mean instanceType\?\n/)
      .and.matches(/\n {2}whatever: is not a key of this stack; there are kind, modelFolder, model, bucket, /)
      .and.matches(/\n {2}the stack's name: must not be long$/);
    expect(() => parseConfig(configSchemas.train, { release: "r1" }, problems)).to.throw("must not be long");
  });

  for (const bucket of ['["data"]', "s3://data", "Data", "a", "data/taxi", "data-"]) {
    it(`refuses a bucket that cannot be: ${bucket}`, () => {
      expect(() => stacks.train({ release: "r1", bucket })).to.throw(
        `bucket: must be the name of a bucket: 3 to 63 lower-case letters, digits, dots and inner hyphens, got "${bucket}"`,
      );
    });
  }

  it("refuses more instances at least than at most", () => {
    const capacity = { release: "r1", instanceType: "ml.m5.large", minInstances: "3" };
    for (const stack of [stacks.dev, stacks.prod]) {
      expect(() => stack({ ...capacity, maxInstances: "2" })).to.throw(
        'maxInstances: must not be below minInstances, got "2"',
      );
      expect(stack({ ...capacity, maxInstances: "3" }).maxInstances).to.equal(3);
    }
  });

  it("takes limits over those of the model's quality gate, and says what has become of maximumRmse", () => {
    const train = (values: Record<string, string>) => stacks.train({ release: "r1", ...values });

    expect(train({}).qualityGate).to.deep.equal({});
    expect(train({ qualityGate: '{"maximum":"2.5"}' }).qualityGate).to.deep.equal({ maximum: 2.5 });
    expect(() => train({ qualityGate: '{"maximum":1,"minimum":2}' })).to.throw("minimum below its maximum");
    expect(() => train({ maximumRmse: "10" })).to.throw(
      "  maximumRmse: is now qualityGate: pulumi config set --path 'qualityGate.maximum' <value>, got \"10\"",
    );
  });

  it("takes a KMS key by its ARN, not by that of an alias, which Lambda refuses", () => {
    const train = (kmsKeyArn: string) => () => stacks.train({ release: "r1", kmsKeyArn });

    expect(train("arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/k")).not.to.throw();
    expect(train("arn:aws:kms:us-east-1:123456789012:alias/k")).to.throw(
      'kmsKeyArn: must be the ARN of a KMS key, not of an alias, got "arn:aws:kms:us-east-1:123456789012:alias/k"',
    );
  });

  it("reads numbers as written, and refuses what is none", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (count) => {
        const config = parseConfig(configSchemas.dev, {
          release: "r1",
          instanceType: "ml.m5.large",
          minInstances: String(count),
        });
        expect(config.minInstances).to.equal(count);
      }),
    );
    for (const value of ["", " ", "1.5", "NaN", "Infinity", "1e"]) {
      expect(() =>
        parseConfig(configSchemas.dev, { release: "r1", instanceType: "ml.m5.large", minInstances: value }),
      ).to.throw("minInstances:");
    }
  });

  it("takes hyperparameters as numbers, text, true, false and lists", () => {
    const hyperparameters = (given: unknown) =>
      parseConfig(configSchemas.train, { release: "r1", hyperparameters: JSON.stringify(given) }).hyperparameters;

    expect(
      hyperparameters({ eta: 0.1, objective: "reg:squarederror", single_precision_histogram: true }),
    ).to.deep.equal({ eta: "0.1", objective: "reg:squarederror", single_precision_histogram: "true" });
    const lists = { monotone_constraints: [1, 0, -1], interaction_constraints: [[1, 2], [3]], eval_metric: ["rmse"] };
    expect(hyperparameters(lists)).to.deep.equal(lists);
    for (const wrong of [null, {}, [[[1]]]]) {
      expect(() => hyperparameters({ wrong })).to.throw(
        "hyperparameters.wrong: must be text, a number, true, false or a list of these",
      );
    }
    expect(() => hyperparameters({ wrong: [] })).to.throw("hyperparameters.wrong: must not be an empty list");
  });

  describe("of a rollout", () => {
    const rollout = (values: Record<string, string>) =>
      parseConfig(configSchemas.prod, { release: "r1", instanceType: "ml.m5.large", ...values });
    const refused = (values: Record<string, string>): string[] => {
      try {
        rollout(values);
      } catch (error) {
        return (error as Error).message.split("\n").slice(1);
      }
      return [];
    };

    it("has defaults for everything", () => {
      expect(rollout({})).to.deep.include({
        strategy: { type: "canary", percent: 10, intervalMinutes: 5 },
        alarms: {
          functionErrors: 0,
          modelFaultsPercent: 1,
          latencyP99Ms: 3000,
          latencyP99TimesBlue: 5,
          refusalsPercentAboveBlue: 1,
          predictionsOutOfRangePercent: 5,
        },
        alarmNames: [],
        emergency: false,
        probesPerSecond: 2,
        minimumRequests: 100,
        bakeSeconds: 300,
        undecidedSeconds: 1800,
        hookTimeoutSeconds: 960,
        drainSeconds: 30,
        captureWaitSeconds: 300,
        pollSeconds: 15,
        keepReleases: 0,
      });
    });

    it("takes each form of strategy, thresholds and alarms off, and names of alarms", () => {
      for (const strategy of [
        { type: "linear", percent: 25, intervalMinutes: 7 },
        { type: "allAtOnce" },
        { deploymentConfigName: "my-own" },
      ]) {
        expect(rollout({ strategy: JSON.stringify(strategy) }).strategy).to.deep.equal(strategy);
      }
      const alarms = { functionErrors: false, latencyP99Ms: 250.5, latencyP99TimesBlue: 2 };
      expect(rollout({ alarms: JSON.stringify(alarms) }).alarms).to.deep.include(alarms);
      expect(rollout({ alarmNames: '["a","b"]' }).alarmNames).to.deep.equal(["a", "b"]);
    });

    it("takes numbers as `pulumi config set --path` stores them: fractions as text", () => {
      const alarms = '{"modelFaultsPercent":"0.5","latencyP99Ms":"250.5","functionErrors":"false"}';
      expect(rollout({ alarms }).alarms).to.deep.include({
        modelFaultsPercent: 0.5,
        latencyP99Ms: 250.5,
        functionErrors: false,
      });
      const strategy = '{"type":"linear","percent":"20","intervalMinutes":"3"}';
      expect(rollout({ strategy }).strategy).to.deep.equal({ type: "linear", percent: 20, intervalMinutes: 3 });
      expect(rollout({ strategy: '{"deploymentConfigName":2027}' }).strategy).to.deep.equal({
        deploymentConfigName: "2027",
      });
      expect(rollout({ alarmNames: '[2027,"b"]' }).alarmNames).to.deep.equal(["2027", "b"]);
      for (const text of ["half", "", "0,5", "-0.5"]) {
        expect(refused({ alarms: JSON.stringify({ modelFaultsPercent: text }) }).join()).to.contain(
          "alarms.modelFaultsPercent: must be a number of 0 or more, or false",
        );
      }
    });

    it("names every part of a structured value that is wrong", () => {
      expect(
        refused({
          strategy: '{"type":"canary","percent":100,"intervalMinutes":0.5}',
          alarms: '{"latencyP99TimesBlue":0.5,"functionErrors":true,"latency":1}',
          alarmNames: '["a","a"]',
          keepReleases: "10",
        }),
      ).to.have.members([
        "  strategy: percent must be a whole number from 1 to 99, got 100",
        "  strategy: intervalMinutes must be a whole number of 1 or more, got 0.5",
        '  alarms.latencyP99TimesBlue: must be a number of 1 or more, or false, got "{"latencyP99TimesBlue":0.5,"functionErrors":true,"latency":1}"',
        '  alarms.functionErrors: must be a number of 0 or more, or false, got "{"latencyP99TimesBlue":0.5,"functionErrors":true,"latency":1}"',
        "  alarms.latency: is not a field of alarms",
        '  alarmNames: must name each alarm once, got "["a","a"]"',
        '  keepReleases: must be 0 to 9, got "10"',
      ]);
    });

    for (const [strategy, problem] of [
      ['{"type":"canary","percnt":10,"intervalMinutes":5}', "  strategy.percnt: is not a field of strategy"],
      ['{"type":"allAtOnce","percent":10}', "  strategy.percent: is not a field of strategy"],
      ["canary", "  strategy: must be an object: pulumi config set --path 'strategy.percent' 20, got \"canary\""],
    ] as const) {
      it(`refuses the strategy ${strategy}`, () => {
        expect(refused({ strategy })).to.include(problem);
      });
    }

    it("says which strategies there are where one is none of them", () => {
      for (const strategy of ['{"type":"slow"}', "{}", "7"]) {
        expect(refused({ strategy }).join()).to.contain('{"type":"allAtOnce"} or {"deploymentConfigName":"<name>"}');
      }
    });
  });
});
