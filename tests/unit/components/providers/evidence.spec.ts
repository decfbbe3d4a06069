import { GetMetricDataCommand, type GetMetricDataInput } from "@aws-sdk/client-cloudwatch";
import { expect } from "chai";
import { ReleaseMetrics } from "../../../../components/providers/rollout/release-metrics";
import { Waiter } from "../../../../components/providers/support/waiter";
import { cloudWatch } from "local-aws/services/cloudwatch/index";
import { LOCAL_ACCOUNT } from "local-aws/core/account";
import { Clock } from "local-aws/core/clock";
import { jsonRpcService } from "local-aws/core/json-rpc";
import type { MetricSink } from "local-aws/core/local";
import { operation } from "local-aws/core/operation";
import { failureOf, serverError, startAws, throttled, type TestAws } from "./test-aws";

const FUNCTION = "mlops-nyctaxi-api";
const given = { region: "us-east-1", functionName: FUNCTION, aliasName: "live", kind: "api" } as const;
const R3 = { release: "R3", version: "3" };
const R4 = { release: "R4", version: "5" };
const R5 = { release: "R5", version: "6" };
const waiter = () => new Waiter("test", { pollSeconds: 0.002, timeoutSeconds: 5 });

describe("the metrics of a rollout's releases", () => {
  describe("in CloudWatch", () => {
    let clock: Clock;
    let metrics: MetricSink;
    let aws: TestAws;
    let now: number;

    beforeEach(async () => {
      clock = new Clock(1);
      const made = cloudWatch(clock, LOCAL_ACCOUNT);
      metrics = made.metrics;
      aws = await startAws({ monitoring: made.service });
      now = Date.now();
    });
    afterEach(async () => {
      clock.stop();
      await aws.close();
    });

    const minutesAgo = (count: number) => new Date(now - count * 60_000);
    const put = (name: string, value: number, timestamp: Date, dimensions: Record<string, string>) =>
      metrics.put([{ namespace: "SageMakerSafeDeploy", name, dimensions, value, unit: "Count", timestamp }]);
    const answered = (release: string, at: Date, faults = 0, functionName = FUNCTION) => {
      put("Requests", 1, at, { FunctionName: functionName, Release: release });
      put("ModelFaults", faults, at, { FunctionName: functionName, Release: release });
    };

    it("are counted from a time until now, over all minutes, of one release of one function", async () => {
      answered("R4", minutesAgo(30), 1);
      for (let i = 0; i < 7; i++) {
        answered("R4", minutesAgo(i), i < 2 ? 1 : 0);
      }
      answered("R3", minutesAgo(1), 1);
      answered("R4", minutesAgo(1), 1, "another");
      put("Requests", 1, minutesAgo(1), { FunctionName: FUNCTION, Release: "R4", Source: "probe" });

      const counted = await new ReleaseMetrics(given, waiter()).counts(R4, { begin: minutesAgo(10) });

      expect(counted).to.deep.equal({ requests: 7, faults: 2 });
    });

    it("are none of a release that nobody has asked", async () => {
      expect(await new ReleaseMetrics(given, waiter()).counts(R5, { begin: minutesAgo(10) })).to.deep.equal({
        requests: 0,
        faults: 0,
      });
    });

    it("are counted where AWS's clock is ahead of ours", async () => {
      answered("R4", minutesAgo(-1));

      expect(await new ReleaseMetrics(given, waiter()).counts(R4, { begin: minutesAgo(-1) })).to.deep.equal({
        requests: 1,
        faults: 0,
      });
    });

    it("are read again where AWS has trouble that passes, but not in a single look", async () => {
      answered("R4", minutesAgo(1));
      const releases = new ReleaseMetrics(given, waiter());
      aws.trouble("GetMetricData", throttled(), serverError(), "dropped");
      expect(await releases.counts(R4, { begin: minutesAgo(5) })).to.deep.equal({ requests: 1, faults: 0 });

      aws.trouble("GetMetricData", throttled());
      expect((await failureOf(releases.lookCounts(R4, { begin: minutesAgo(5) }))).message).to.equal("Rate exceeded");
      expect(await releases.lookCounts(R4, { begin: minutesAgo(5) })).to.deep.equal({ requests: 1, faults: 0 });
    });

    describe("of any function, as Lambda keeps them,", () => {
      const ofLambda = { ...given, kind: "function" } as const;
      const lambda = (name: string, value: number, at: Date, dimensions: Record<string, string>) =>
        metrics.put([{ namespace: "AWS/Lambda", name, dimensions, value, unit: "Count", timestamp: at }]);
      const throughAlias = (version: string) => ({
        FunctionName: FUNCTION,
        Resource: `${FUNCTION}:live`,
        ExecutedVersion: version,
      });

      it("are counted of one version, through the alias and called directly", async () => {
        const at = minutesAgo(2);
        lambda("Invocations", 40, at, throughAlias("5"));
        lambda("Errors", 2, at, throughAlias("5"));
        lambda("Invocations", 7, at, { FunctionName: FUNCTION, Resource: `${FUNCTION}:5` });
        lambda("Errors", 1, at, { FunctionName: FUNCTION, Resource: `${FUNCTION}:5` });
        lambda("Invocations", 100, at, throughAlias("3"));
        lambda("Invocations", 147, at, { FunctionName: FUNCTION });
        lambda("Invocations", 9, minutesAgo(30), throughAlias("5"));

        const counted = await new ReleaseMetrics(ofLambda, waiter()).counts(R4, { begin: minutesAgo(10) });

        expect(counted).to.deep.equal({ requests: 47, faults: 3 });
      });

      it("are counted of the whole alias once it has one version, which Lambda does not tell apart then", async () => {
        const alias = { FunctionName: FUNCTION, Resource: `${FUNCTION}:live` };
        for (const [name, before, after] of [
          ["Invocations", 100, 30],
          ["Errors", 9, 3],
        ] as const) {
          lambda(name, before, minutesAgo(8), alias);
          lambda(name, before / 10, minutesAgo(8), throughAlias("5"));
          lambda(name, after, minutesAgo(2), alias);
          // Should Lambda tell it all the same, nothing is counted twice.
          lambda(name, after, minutesAgo(2), throughAlias("5"));
        }

        const since = { begin: minutesAgo(10), allTraffic: minutesAgo(5) };
        expect(await new ReleaseMetrics(ofLambda, waiter()).counts(R4, since)).to.deep.equal({
          requests: 40,
          faults: 3.9,
        });
      });

      it("tell of errors of the whole alias since it has one version", async () => {
        const alias = { FunctionName: FUNCTION, Resource: `${FUNCTION}:live` };
        const releases = new ReleaseMetrics({ ...given, functionErrorsPerMinute: 2 }, waiter());
        const look = () => releases.lookFunctionErrors(minutesAgo(5));
        lambda("Errors", 7, minutesAgo(8), alias);
        lambda("Errors", 1, minutesAgo(4), alias);
        lambda("Errors", 2, minutesAgo(2), alias);
        expect(await look()).to.equal(undefined);
        lambda("Errors", 1, minutesAgo(2), alias);
        expect(await look()).to.equal(
          "function mlops-nyctaxi-api:live failed in 3 requests of callers in a minute, and 2 are allowed",
        );
        expect(await new ReleaseMetrics(given, waiter()).lookFunctionErrors(minutesAgo(5))).to.equal(undefined);
      });

      it("are compared by the duration of what comes through the alias", async () => {
        const at = new Date(Math.floor((now - 360_000) / 300_000) * 300_000 + 1000);
        for (let i = 0; i < 60; i++) {
          lambda("Duration", 100, at, throughAlias("3"));
          lambda("Duration", 900, at, throughAlias("5"));
        }
        const releases = new ReleaseMetrics({ ...ofLambda, latencyTimesBlue: 5 }, waiter());

        expect(await releases.lookSlowerThanBlue(R4, R3, minutesAgo(15))).to.equal(
          "release R4 answered with a p99 of 900 ms (60 requests), more than 5 times the 100 ms of release R3 at the same time " +
            "(60 requests)",
        );
      });
    });

    const latencies = (release: string, count: number, ms: number) => {
      // All in the period that holds 6 minutes ago, whichever that is.
      const at = new Date(Math.floor((now - 360_000) / 300_000) * 300_000 + 1000);
      for (let i = 0; i < count; i++) {
        put("ModelLatency", ms, at, { FunctionName: FUNCTION, Release: release });
      }
    };
    const slower = () =>
      new ReleaseMetrics({ ...given, latencyTimesBlue: 5 }, waiter()).lookSlowerThanBlue(R4, R3, minutesAgo(15));

    it("say where green was too slow while blue served as well", async () => {
      latencies("R3", 200, 150);
      latencies("R4", 50, 751);

      expect(await slower()).to.equal(
        "release R4 answered with a p99 of 751 ms (50 requests), more than 5 times the 150 ms of release R3 at the same time " +
          "(200 requests)",
      );
    });

    const fine: [string, () => void][] = [
      [
        "green is as slow as it may be",
        () => {
          latencies("R3", 50, 150);
          latencies("R4", 50, 750);
        },
      ],
      [
        "green is slower than allowed and yet fast",
        () => {
          latencies("R3", 50, 20);
          latencies("R4", 50, 500);
        },
      ],
      [
        "green has answered too little",
        () => {
          latencies("R3", 50, 150);
          latencies("R4", 49, 2000);
        },
      ],
      [
        "blue has answered too little",
        () => {
          latencies("R3", 49, 150);
          latencies("R4", 50, 2000);
        },
      ],
      ["blue has answered nothing", () => latencies("R4", 50, 2000)],
      [
        "only blue is slow",
        () => {
          latencies("R3", 50, 2000);
          latencies("R4", 50, 150);
        },
      ],
    ];
    for (const [what, arrange] of fine) {
      it(`say nothing where ${what}`, async () => {
        arrange();
        expect(await slower()).to.equal(undefined);
      });
    }

    it("say where green refuses what blue takes at the same time", async () => {
      const releases = new ReleaseMetrics({ ...given, refusalsPercentAboveBlue: 1 }, waiter());
      const refused = (release: string, count: number, value: number, at: Date) => {
        for (let i = 0; i < count; i++) {
          put("ModelRefusals", value, at, { FunctionName: FUNCTION, Release: release });
        }
      };
      const look = () => releases.lookRefusesMoreThanBlue(R4, R3, minutesAgo(12));
      for (let ago = 2; ago < 10; ago++) {
        refused("R3", 36, 0, minutesAgo(ago));
        refused("R4", 4, 0, minutesAgo(ago));
      }
      expect(await look()).to.equal(undefined);
      for (let ago = 3; ago < 6; ago++) {
        refused("R4", 4, 1, minutesAgo(ago));
      }
      expect(await look()).to.match(
        /^release R4 refused 12 of \d\d requests of callers, release R3 0 of 216 at the same time$/,
      );
      expect(await new ReleaseMetrics(given, waiter()).lookRefusesMoreThanBlue(R4, R3, minutesAgo(12))).to.equal(
        undefined,
      );
    });

    it("are not asked where green may be as slow as it likes", async () => {
      const releases = new ReleaseMetrics(given, waiter());
      expect(await releases.lookSlowerThanBlue(R4, R3, minutesAgo(15))).to.equal(undefined);
      expect(aws.calls).to.deep.equal([]);
    });
  });

  describe("in several pages", () => {
    let pages: { id: string; values: [minute: number, value: number][] }[][];
    let asked: GetMetricDataInput[];
    let aws: TestAws;
    const minute = (number: number) => new Date(number * 60_000);

    const paged = jsonRpcService("CloudWatch", [
      operation(GetMetricDataCommand, (input) => {
        asked.push(input);
        const at = Number(input.NextToken ?? "0");
        return {
          MetricDataResults: (pages[at] ?? []).map(({ id, values }) => ({
            Id: id,
            Timestamps: values.map(([number]) => minute(number)),
            Values: values.map(([, value]) => value),
          })),
          ...(at + 1 < pages.length ? { NextToken: String(at + 1) } : {}),
        };
      }),
    ]);

    beforeEach(async () => {
      asked = [];
      aws = await startAws({ monitoring: paged });
    });
    afterEach(() => aws.close());

    it("are summed over all of them", async () => {
      pages = [
        [
          {
            id: "requests",
            values: [
              [1, 3],
              [2, 4],
            ],
          },
          { id: "faults", values: [[1, 0]] },
        ],
        [
          { id: "requests", values: [[3, 5]] },
          {
            id: "faults",
            values: [
              [2, 1],
              [3, 2],
            ],
          },
        ],
      ];

      expect(await new ReleaseMetrics(given, waiter()).counts(R4, { begin: minute(1) })).to.deep.equal({
        requests: 12,
        faults: 3,
      });
      expect(asked).to.have.length(2);
    });

    it("are compared only within the same period", async () => {
      pages = [
        [
          {
            id: "greenP99",
            values: [
              [0, 2000],
              [5, 100],
              [10, 2000],
            ],
          },
          {
            id: "greenCount",
            values: [
              [0, 60],
              [5, 60],
              [10, 60],
            ],
          },
          { id: "blueP99", values: [[5, 100]] },
          { id: "blueCount", values: [[5, 60]] },
        ],
        [
          { id: "blueP99", values: [[10, 300]] },
          { id: "blueCount", values: [[10, 70]] },
        ],
      ];
      const releases = new ReleaseMetrics({ ...given, latencyTimesBlue: 5 }, waiter());

      expect(await releases.lookSlowerThanBlue(R4, R3, minute(0))).to.equal(
        "release R4 answered with a p99 of 2000 ms (60 requests), more than 5 times the 300 ms of release R3 at the same time " +
          "(70 requests)",
      );
    });
  });
});
