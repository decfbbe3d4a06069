import { expect } from "chai";
import { ForgedMetrics } from "../../../../components/providers/rollout/forged-metrics";
import { LOCAL_ACCOUNT } from "local-aws/core/account";
import { Clock } from "local-aws/core/clock";
import type { MetricSink } from "local-aws/core/local";
import { cloudWatch } from "local-aws/services/cloudwatch/index";
import { startAws, type TestAws } from "./test-aws";

const FUNCTION = "mlops-nyctaxi-api";
const versions = { blue: { release: "R3" }, green: { release: "R4" } };

describe("the metrics that judge a release", () => {
  let clock: Clock;
  let metrics: MetricSink;
  let aws: TestAws;
  // The start of a minute, ten minutes ago.
  const start = Math.floor(Date.now() / 60_000) * 60_000 - 600_000;
  const minute = (number: number) => new Date(start + number * 60_000);

  beforeEach(async () => {
    clock = new Clock(1);
    const made = cloudWatch(clock, LOCAL_ACCOUNT);
    metrics = made.metrics;
    aws = await startAws({ monitoring: made.service });
  });
  afterEach(async () => {
    clock.stop();
    await aws.close();
  });

  const write = (name: string, value: number, at: Date, release = "R4", FunctionName = FUNCTION) =>
    metrics.put([
      {
        namespace: "SageMakerSafeDeploy",
        name,
        dimensions: { FunctionName, Release: release },
        value,
        unit: "Count",
        timestamp: at,
      },
    ]);
  const called = (times: number, at: Date) => {
    for (let i = 0; i < times; i++) {
      const dimensions = { FunctionName: FUNCTION };
      metrics.put([
        { namespace: "AWS/Lambda", name: "Invocations", dimensions, value: 1, unit: "Count", timestamp: at },
      ]);
    }
  };
  const look = (kind: "api" | "function" = "api") =>
    new ForgedMetrics({ region: "us-east-1", functionName: FUNCTION, kind }).look(versions, {
      since: new Date(start + 1000),
      until: minute(8),
    });
  const answered = (at: Date, release: string) => {
    called(1, at);
    for (const [name, value] of [
      ["Requests", 1],
      ["ModelFaults", 0],
      ["CallerRequests", 1],
      ["PredictedRows", 100],
      ["ModelLatency", 12.5],
    ] as const) {
      write(name, value, at, release);
    }
  };

  it("are the function's own where Lambda has called it as often, whichever release has answered", async () => {
    for (let number = 0; number < 8; number++) {
      answered(minute(number), number % 2 === 0 ? "R3" : "R4");
    }
    expect(await look()).to.equal(undefined);
  });

  it("are its own where it has crashed, or counts a request not", async () => {
    called(5, minute(2));
    write("Requests", 1, minute(2));
    expect(await look()).to.equal(undefined);
  });

  it("are its own where a request began in the minute before that in which its line is", async () => {
    called(1, minute(0));
    write("Requests", 1, minute(1));
    expect(await look()).to.equal(undefined);
  });

  for (const name of ["Requests", "ModelLatency", "CallerRows", "ModelRefusals"]) {
    it(`are somebody else's where ${name} was written more often than Lambda has called the function`, async () => {
      answered(minute(2), "R3");
      answered(minute(3), "R4");
      for (let i = 0; i < 3; i++) {
        write(name, 1, minute(4), i < 2 ? "R4" : "R3");
      }
      const written = name === "Requests" || name === "ModelLatency" ? 5 : 3;
      expect(await look()).to.equal(
        `metric ${name} was written ${written} times, and Lambda has called function ${FUNCTION} 2 times`,
      );
    });
  }

  for (const [what, name, value] of [
    ["takes faults away", "ModelFaults", -5],
    ["counts many requests at once", "CallerRequests", 1000],
    ["counts more rows than are judged of a request", "PredictedRows", 101],
  ] as const) {
    it(`are somebody else's where a value ${what}`, async () => {
      called(50, minute(2));
      write(name, value, minute(3));
      expect(await look()).to.equal(
        `metric ${name} of release R4 has a value of ${value}, which function ${FUNCTION} never writes`,
      );
    });
  }

  it("are looked at within the time that is judged, and of this function and these releases", async () => {
    called(2, minute(2));
    for (let i = 0; i < 9; i++) {
      write("Requests", 1, minute(-2));
      write("Requests", 1, minute(8));
      write("Requests", 1, minute(3), "R2");
      write("Requests", 1, minute(3), "R4", "another");
    }
    expect(await look()).to.equal(undefined);
  });

  it("are Lambda's of any other function, which nobody can forge", async () => {
    write("Requests", 1, minute(3));
    expect(await look("function")).to.equal(undefined);
    expect(aws.calls).to.deep.equal([]);
  });
});
