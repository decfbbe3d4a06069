import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { DescribeEndpointCommand, ListEndpointsCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { mockClient, type AwsClientStub } from "aws-sdk-client-mock";
import { expect } from "chai";
import { readDrift } from "../../../cli/ui/readers/drift";
import { readEndpoints } from "../../../cli/ui/readers/endpoints";
import { metricsOf, widgetsOf } from "../../../cli/ui/readers/widget-body";

const WATCHED = {
  ...{ aws: { region: "us-east-1" }, model: "taxi", prefix: "mlops-taxi", pipelineName: "mlops-taxi-pipeline" },
  ...{ bucket: "bucket", windowSeconds: 3600, speed: 1 },
};

/** What S3 answers with. */
const body = (value: unknown) => ({ Body: { transformToString: async () => JSON.stringify(value) } }) as never;

describe("readers of the operator's page", () => {
  let sageMaker: AwsClientStub<SageMakerClient>;
  let s3: AwsClientStub<S3Client>;
  // Not before: other tests of this process have clients of their own.
  before(() => {
    sageMaker = mockClient(SageMakerClient);
    s3 = mockClient(S3Client);
  });
  after(() => {
    sageMaker.restore();
    s3.restore();
  });

  it("find the model's own endpoints, and leave out one that goes meanwhile", async () => {
    sageMaker.on(ListEndpointsCommand).resolves({
      Endpoints: ["mlops-taxi-prd-r2", "x-mlops-taxi-prd-r2", "mlops-taxi-prd-r1", "mlops-taxi-b-prd-r1"].map(
        (EndpointName) => ({
          ...{ EndpointName, EndpointArn: "", EndpointStatus: "InService" as const },
          ...{ CreationTime: new Date(0), LastModifiedTime: new Date(0) },
        }),
      ),
    });
    sageMaker.on(DescribeEndpointCommand, { EndpointName: "mlops-taxi-prd-r2" }).resolves({
      ...{ EndpointName: "mlops-taxi-prd-r2", EndpointStatus: "Updating", CreationTime: new Date(0) },
      ProductionVariants: [{ VariantName: "prd-mlops-taxi", CurrentInstanceCount: 1, DesiredInstanceCount: 3 }],
    });
    sageMaker.on(DescribeEndpointCommand, { EndpointName: "mlops-taxi-b-prd-r1" }).resolves({
      ...{ EndpointName: "mlops-taxi-b-prd-r1", EndpointStatus: "InService", CreationTime: new Date(0) },
      ProductionVariants: [{ VariantName: "prd-mlops-taxi-b" }],
    });
    const gone = Object.assign(new Error("Could not find endpoint"), { name: "ValidationException" });
    sageMaker.on(DescribeEndpointCommand, { EndpointName: "mlops-taxi-prd-r1" }).rejects(gone);

    expect(await readEndpoints(WATCHED)).to.deep.equal([
      {
        ...{ name: "mlops-taxi-prd-r2", status: "Updating", instances: 1, wantedInstances: 3 },
        ...{ createdAt: "1970-01-01T00:00:00.000Z", why: undefined },
      },
    ]);
  });

  it("take the newest report of drift, and put what has drifted most first", async () => {
    const folder = "mlops-taxi/monitoring/reports/mlops-taxi-prd-r2/2026/11/30";
    s3.on(ListObjectsV2Command, { Bucket: "bucket" }).resolves({ Contents: [] });
    s3.on(ListObjectsV2Command, { Prefix: "mlops-taxi/monitoring/reports/mlops-taxi-prd-r2/" }).resolves({
      Contents: [
        { Key: `${folder}/08/on-demand/drift.json`, LastModified: new Date(2000) },
        { Key: `${folder}/09/drift.json`, LastModified: new Date(1000) },
        { Key: `${folder}/09/statistics.json`, LastModified: new Date(3000) },
      ],
    });
    const feature = { threshold: 0.2, psi: 0.1, violated: false, type: "Fractional" };
    s3.on(GetObjectCommand, { Key: `${folder}/08/on-demand/drift.json` }).resolves(
      body({
        ...{
          outcome: "compared",
          rows: 100,
          leastRows: 10,
          brokenLines: 0,
          from: "2026-11-30T08:00:00Z",
          to: "2026-11-30T09:00:00Z",
        },
        features: { hour: { ...feature, distance: null }, distance: { ...feature, distance: 0.5, violated: true } },
      }),
    );

    const { features, report } = await readDrift(WATCHED);

    expect(report).to.deep.include({ endpoint: "mlops-taxi-prd-r2", at: "1970-01-01T00:00:02.000Z", rows: 100 });
    expect(features.map(({ name, isViolated }) => [name, isViolated])).to.deep.equal([
      ["distance", true],
      ["hour", false],
    ]);
  });

  it("spell out what a widget abbreviates, and leave texts out", () => {
    const metrics = [
      ["AWS/Lambda", "Errors", "FunctionName", "a", { stat: "Sum" }],
      [".", "Duration", ".", "b"],
      ["...", "c", { yAxis: "right" }],
      [{ expression: "SUM(METRICS())", label: "all" }],
    ];
    const [widget, ...others] = widgetsOf(
      JSON.stringify({
        widgets: [
          { type: "text", properties: { markdown: "# hello" } },
          { type: "metric", properties: { title: "t", metrics } },
        ],
      }),
    );
    expect(others).to.deep.equal([]);
    expect(metricsOf(widget!)).to.deep.equal([
      { namespace: "AWS/Lambda", name: "Errors", dimensions: { FunctionName: "a" }, stat: "Sum" },
      { namespace: "AWS/Lambda", name: "Duration", dimensions: { FunctionName: "b" } },
      { namespace: "AWS/Lambda", name: "Duration", dimensions: { FunctionName: "c" }, yAxis: "right" },
      { namespace: "", name: "", dimensions: {}, expression: "SUM(METRICS())", label: "all" },
    ]);
  });
});
