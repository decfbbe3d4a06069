import { expect } from "chai";
import { BlueGreenApi, type BlueGreenApiArgs } from "../../../components/blue-green-api";
import { parseExpression } from "local-aws/services/cloudwatch/expression";
import { record, type Recording, type Registered } from "../../support/recorder";

const args: BlueGreenApiArgs = {
  apiName: "mlops-nyctaxi-api",
  release: "r2",
  endpoint: {
    endpointName: "mlops-nyctaxi-prd-r2",
    endpointArn: "arn:aws:sagemaker:us-east-1:123456789012:endpoint/mlops-nyctaxi-prd-r2",
    variantName: "prd-mlops-nyctaxi",
  },
  check: { requests: ["5,1,1"], acceptKnown: { type: "number", minimum: 4, maximum: 100 } },
  dataCaptureUri: "s3://data/mlops-nyctaxi/datacapture",
};
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const DEPLOYMENT_CONFIG = "aws:codedeploy/deploymentConfig:DeploymentConfig";

/** What the one deployment group was given. */
function groupOf(find: Recording<unknown>["find"]) {
  return find("aws:codedeploy/deploymentGroup:DeploymentGroup").inputs as {
    readonly alarmConfiguration: { readonly enabled: boolean; readonly alarms: readonly string[] };
    readonly autoRollbackConfiguration: object;
    readonly deploymentConfigName: string;
  };
}

describe("BlueGreenApi", () => {
  describe("rolls back on alarms", () => {
    const judged: BlueGreenApiArgs = {
      ...args,
      check: { ...args.check, accept: { type: "number", minimum: 0, maximum: 1000 } },
    };
    const ofRelease = { FunctionName: "mlops-nyctaxi-api", Release: "r2" };
    const alarmsOf = (made: readonly Registered[]) => made.filter(({ type }) => type === ALARM);

    it("of its own release, in both their names", async () => {
      const { made, find } = await record(() => new BlueGreenApi("api", judged));

      const whats = ["alias-errors", "version-errors", "model-faults", "latency-p99", "predictions"];
      expect(alarmsOf(made).map(({ name }) => name)).to.have.members(whats.map((what) => `api-r2-${what}`));
      expect(groupOf(find).alarmConfiguration).to.deep.equal({
        enabled: true,
        alarms: whats.map((what) => `mlops-nyctaxi-api-r2-${what}`),
      });
      expect(groupOf(find).autoRollbackConfiguration).to.deep.equal({
        enabled: true,
        events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
      });
      for (const { inputs } of alarmsOf(made)) {
        expect(inputs).to.deep.include({
          comparisonOperator: "GreaterThanThreshold",
          treatMissingData: "notBreaching",
        });
      }
    });

    it("at the first error of the function, through the alias or called directly", async () => {
      const { find } = await record(() => new BlueGreenApi("api", judged));

      const FunctionName = "mlops-nyctaxi-api";
      for (const [what, dimensions] of [
        ["alias-errors", { FunctionName, Resource: `${FunctionName}:live`, ExecutedVersion: "7" }],
        ["version-errors", { FunctionName, Resource: `${FunctionName}:7` }],
      ] as const) {
        expect(find(ALARM, what).inputs).to.deep.include({
          namespace: "AWS/Lambda",
          metricName: "Errors",
          dimensions,
          statistic: "Sum",
          period: 60,
          evaluationPeriods: 1,
          datapointsToAlarm: 1,
          threshold: 0,
        });
      }
    });

    for (const [what, threshold, names] of [
      ["model-faults", 1, ["ModelFaults", "CallerFaults", "Requests", "CallerRequests"]],
      ["predictions", 5, ["PredictionsOutOfRange", "CallerRowsOutOfRange", "PredictedRows", "CallerRows"]],
    ] as const) {
      describe(`at ${threshold} % of ${names[0]}`, () => {
        let alarm: Registered["inputs"];
        before(async () => {
          const { find } = await record(() => new BlueGreenApi("api", judged));
          alarm = find(ALARM, what).inputs;
        });

        it("of this release, in one minute", () => {
          expect(alarm).to.deep.include({ threshold, evaluationPeriods: 1 });
          const metrics = (alarm.metricQueries as { metric?: object }[]).flatMap(({ metric }) => metric ?? []);
          expect(metrics).to.deep.equal(
            names.map((metricName) => ({
              namespace: "SageMakerSafeDeploy",
              metricName,
              dimensions: ofRelease,
              stat: "Sum",
              period: 60,
            })),
          );
        });

        /** The percentage that CloudWatch holds against the threshold. */
        const percent = (values: Readonly<Record<string, number>>): number | undefined => {
          const queries = alarm.metricQueries as { id: string; expression?: string; returnData?: boolean }[];
          expect(queries.filter(({ returnData }) => returnData === true).map(({ id }) => id)).to.deep.equal(["share"]);
          const valueOf = (id: string): number | undefined => {
            const { expression } = queries.find((query) => query.id === id)!;
            return expression === undefined ? values[id] : parseExpression(expression).compute(valueOf);
          };
          return valueOf("share");
        };

        for (const [which, counts, expected] of [
          ["callers, hidden by probes", { counted: 3, countedOfCallers: 3, total: 150, totalOfCallers: 30 }, 10],
          ["probes, hidden by callers", { counted: 12, countedOfCallers: 0, total: 6000, totalOfCallers: 5880 }, 10],
          ["all, where callers are few", { counted: 1, countedOfCallers: 1, total: 100, totalOfCallers: 9 }, 1],
          ["callers, where no probe was sent", { counted: 1, countedOfCallers: 1, total: 10, totalOfCallers: 10 }, 10],
          ["probes, where nobody calls", { counted: 6, countedOfCallers: 0, total: 120, totalOfCallers: 0 }, 5],
          ["nobody", { counted: 0, countedOfCallers: 0, total: 1, totalOfCallers: 0 }, 0],
        ] as const) {
          it(`as the share of ${which}`, () => expect(percent(counts)).to.equal(expected));
        }
      });
    }

    it("at three seconds of p99 latency in two of three minutes", async () => {
      const { find } = await record(() => new BlueGreenApi("api", judged));

      expect(find(ALARM, "latency-p99").inputs).to.deep.include({
        metricName: "ModelLatency",
        dimensions: ofRelease,
        extendedStatistic: "p99",
        threshold: 3000,
        evaluationPeriods: 3,
        datapointsToAlarm: 2,
      });
    });

    it("at thresholds of the user's own, without those that are off", async () => {
      const alarms = { functionErrors: false, modelFaultsPercent: 0.5, latencyP99Ms: false } as const;
      const { made, find } = await record(() => new BlueGreenApi("api", { ...judged, alarms }));

      expect(alarmsOf(made).map(({ name }) => name)).to.have.members(["api-r2-model-faults", "api-r2-predictions"]);
      expect(find(ALARM, "model-faults").inputs.threshold).to.equal(0.5);
    });

    it("but not on predictions where no range is believed", async () => {
      const { made } = await record(() => new BlueGreenApi("api", args));

      expect(alarmsOf(made).map(({ name }) => name)).not.to.include("api-r2-predictions");
    });

    it("of the user's own alone, or on none", async () => {
      const alarms = {
        functionErrors: false,
        modelFaultsPercent: false,
        latencyP99Ms: false,
        predictionsOutOfRangePercent: false,
      } as const;
      const own = await record(() => new BlueGreenApi("api", { ...judged, alarms, alarmNames: ["business"] }));
      const none = await record(() => new BlueGreenApi("api", { ...judged, alarms }));

      expect(groupOf(own.find).alarmConfiguration).to.deep.equal({ enabled: true, alarms: ["business"] });
      expect(groupOf(none.find).alarmConfiguration).to.deep.equal({ enabled: false, alarms: [] });
    });
  });

  describe("shifts traffic", () => {
    it("by AWS's own configuration where there is one", async () => {
      const { find, made } = await record(() => new BlueGreenApi("api", args));

      expect(groupOf(find).deploymentConfigName).to.equal("CodeDeployDefault.LambdaCanary10Percent5Minutes");
      expect(made.filter(({ type }) => type === DEPLOYMENT_CONFIG)).to.deep.equal([]);
    });

    for (const [strategy, name, routing] of [
      [
        { type: "canary", percent: 20, intervalMinutes: 7 },
        "canary-20-percent-7-minutes",
        { type: "TimeBasedCanary", timeBasedCanary: { percentage: 20, interval: 7 } },
      ],
      [
        { type: "linear", percent: 25, intervalMinutes: 1 },
        "linear-25-percent-1-minutes",
        { type: "TimeBasedLinear", timeBasedLinear: { percentage: 25, interval: 1 } },
      ],
    ] as const) {
      it(`by a configuration of its own, whose names say all that is in it: ${name}`, async () => {
        const { find } = await record(() => new BlueGreenApi("api", { ...args, strategy }));

        expect(find(DEPLOYMENT_CONFIG, `api-${name}`).inputs).to.deep.equal({
          deploymentConfigName: `mlops-nyctaxi-api-${name}`,
          computePlatform: "Lambda",
          trafficRoutingConfig: routing,
        });
        expect(groupOf(find).deploymentConfigName).to.equal(`mlops-nyctaxi-api-${name}`);
      });
    }
  });
});
