import { expect } from "chai";
import fc from "fast-check";
import { metricsOfLine } from "../../services/cloudwatch/emf";

const at = Date.UTC(2026, 7, 9, 12, 0, 0);
const request = {
  _aws: {
    Timestamp: at,
    CloudWatchMetrics: [
      {
        Namespace: "SageMakerSafeDeploy",
        Dimensions: [["FunctionName", "Release"], ["FunctionName"]],
        Metrics: [
          { Name: "ModelFaults", Unit: "Count" },
          { Name: "ModelLatency", Unit: "Milliseconds" },
        ],
      },
    ],
  },
  FunctionName: "mlops-nyctaxi-api",
  Release: "r1",
  ModelFaults: 0,
  ModelLatency: [12, 15.5],
  message: "not a metric",
};

describe("A log line in the embedded metric format", () => {
  it("gives each value of each metric for each set of dimensions", () => {
    const common = { namespace: "SageMakerSafeDeploy", timestamp: new Date(at) };
    const latency = { ...common, name: "ModelLatency", unit: "Milliseconds" };
    const faults = { ...common, name: "ModelFaults", unit: "Count", value: 0 };
    const both = { FunctionName: "mlops-nyctaxi-api", Release: "r1" };
    const one = { FunctionName: "mlops-nyctaxi-api" };
    expect(metricsOfLine(JSON.stringify(request))).to.deep.equal([
      { ...faults, dimensions: both },
      { ...latency, dimensions: both, value: 12 },
      { ...latency, dimensions: both, value: 15.5 },
      { ...faults, dimensions: one },
      { ...latency, dimensions: one, value: 12 },
      { ...latency, dimensions: one, value: 15.5 },
    ]);
  });

  it("does not count a metric that is no number, nor a set with a dimension that is missing", () => {
    const line = JSON.stringify({ ...request, ModelFaults: "0", Release: undefined });
    expect(metricsOfLine(line).map(({ name, dimensions, value }) => ({ name, dimensions, value }))).to.deep.equal([
      { name: "ModelLatency", dimensions: { FunctionName: "mlops-nyctaxi-api" }, value: 12 },
      { name: "ModelLatency", dimensions: { FunctionName: "mlops-nyctaxi-api" }, value: 15.5 },
    ]);
  });

  it("gives a metric without dimensions for an empty set, and without unit the unit None", () => {
    const directive = { Namespace: "N", Dimensions: [[]], Metrics: [{ Name: "Count" }] };
    const line = JSON.stringify({ _aws: { Timestamp: at, CloudWatchMetrics: [directive] }, Count: 3 });
    expect(metricsOfLine(line)).to.deep.equal([
      { namespace: "N", name: "Count", dimensions: {}, value: 3, unit: "None", timestamp: new Date(at) },
    ]);
  });

  const bad: readonly string[] = [
    "",
    "START RequestId: 1",
    '{"_aws":',
    '"_aws"',
    '{"_aws":{}}',
    '{"_aws":null}',
    JSON.stringify({ ...request, _aws: { CloudWatchMetrics: request._aws.CloudWatchMetrics } }),
    JSON.stringify({ ...request, _aws: { Timestamp: "now", CloudWatchMetrics: request._aws.CloudWatchMetrics } }),
    JSON.stringify({
      ...request,
      _aws: { Timestamp: at, CloudWatchMetrics: [{ Namespace: "", Dimensions: [], Metrics: [] }] },
    }),
  ];
  for (const line of bad) {
    it(`counts nothing of ${line.slice(0, 60) || "an empty line"}`, () =>
      expect(metricsOfLine(line)).to.deep.equal([]));
  }

  it("is never an error, whatever is printed", () => {
    fc.assert(
      fc.property(fc.json(), fc.string(), (json, text) => {
        expect(metricsOfLine(`{"_aws":${json}}`)).to.be.an("array");
        expect(metricsOfLine(`"_aws"${text}`)).to.deep.equal([]);
      }),
    );
  });

  it("gives as many values as sets times numbers", () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[A-Z][a-z]{1,8}$/), { minLength: 1, maxLength: 5 });
    const numbers = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(names, names, numbers, (metricNames, dimensionNames, values) => {
        fc.pre(!metricNames.some((name) => dimensionNames.includes(name)));
        const directive = {
          Namespace: "N",
          Dimensions: dimensionNames.map((name) => [name]),
          Metrics: metricNames.map((Name) => ({ Name })),
        };
        const line = JSON.stringify({
          _aws: { Timestamp: at, CloudWatchMetrics: [directive] },
          ...Object.fromEntries(dimensionNames.map((name) => [name, `${name} 1`])),
          ...Object.fromEntries(metricNames.map((name) => [name, values])),
        });
        const found = metricsOfLine(line);
        expect(found).to.have.length(metricNames.length * dimensionNames.length * values.length);
        expect(found.slice(0, values.length).map(({ value }) => value)).to.deep.equal(
          values.map((value) => value + 0 || 0),
        );
      }),
    );
  });
});
