import { expect } from "chai";
import { AutoscaledEndpoint } from "../../../components/autoscaled-endpoint";
import { record } from "../../support/recorder";

const endpoint = {
  endpointName: "mlops-nyctaxi-prd-r1",
  variantName: "prd-mlops-nyctaxi",
  image: "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
  modelDataUrl: "s3://data/mlops-nyctaxi/mlops-nyctaxi-r1/output/model.tar.gz",
  instanceType: "ml.m5.large",
  minInstances: 2,
  maxInstances: 10,
  dataCapture: { destinationUri: "s3://data/mlops-nyctaxi/datacapture" },
};
const CONFIG = "aws:sagemaker/endpointConfiguration:EndpointConfiguration";

describe("AutoscaledEndpoint", () => {
  it("keeps its own name, and names model and configuration by their content", async () => {
    const first = await record(() => new AutoscaledEndpoint("prod", endpoint));
    const same = await record(() => new AutoscaledEndpoint("prod", endpoint));
    const other = await record(() => new AutoscaledEndpoint("prod", { ...endpoint, instanceType: "ml.m5.xlarge" }));

    expect(first.find("aws:sagemaker/endpoint:Endpoint").inputs.name).to.equal("mlops-nyctaxi-prd-r1");
    expect(first.find(CONFIG).inputs.name).to.match(/^mlops-nyctaxi-prd-r1-[0-9a-f]{8}$/);
    expect(same.find(CONFIG).inputs.name).to.equal(first.find(CONFIG).inputs.name);
    expect(other.find(CONFIG).inputs.name).not.to.equal(first.find(CONFIG).inputs.name);
    expect(other.find("aws:sagemaker/model:Model").inputs.name).to.equal(
      first.find("aws:sagemaker/model:Model").inputs.name,
    );
  });

  it("captures all input and output, as Input and Output", async () => {
    const { find } = await record(
      () => new AutoscaledEndpoint("prod", { ...endpoint, kmsKeyArn: "arn:aws:kms:x:y:key/z" }),
    );

    expect(find(CONFIG).inputs.dataCaptureConfig).to.deep.equal({
      enableCapture: true,
      initialSamplingPercentage: 100,
      destinationS3Uri: "s3://data/mlops-nyctaxi/datacapture",
      kmsKeyId: "arn:aws:kms:x:y:key/z",
      captureOptions: [{ captureMode: "Input" }, { captureMode: "Output" }],
      captureContentTypeHeader: { csvContentTypes: ["text/csv"], jsonContentTypes: ["application/json"] },
    });
  });

  it("scales between its bounds on invocations per instance", async () => {
    const { find } = await record(() => new AutoscaledEndpoint("prod", endpoint));

    expect(find("aws:appautoscaling/target:Target").inputs).to.deep.include({
      resourceId: "endpoint/mlops-nyctaxi-prd-r1/variant/prd-mlops-nyctaxi",
      minCapacity: 2,
      maxCapacity: 10,
    });
    expect(find("aws:appautoscaling/policy:Policy").inputs.targetTrackingScalingPolicyConfiguration).to.deep.equal({
      targetValue: 750,
      predefinedMetricSpecification: { predefinedMetricType: "SageMakerVariantInvocationsPerInstance" },
      scaleInCooldown: 60,
      scaleOutCooldown: 60,
    });
  });

  it("has neither scaling nor capture where none is asked for", async () => {
    const { made, find } = await record(
      () => new AutoscaledEndpoint("dev", { ...endpoint, maxInstances: undefined, dataCapture: undefined }),
    );

    expect(made.filter(({ type }) => type.startsWith("aws:appautoscaling"))).to.deep.equal([]);
    expect(find(CONFIG).inputs).not.to.have.property("dataCaptureConfig");
    expect(find("aws:iam/rolePolicy:RolePolicy").inputs.policy).not.to.contain("s3:PutObject");
  });

  it("lets its container read one archive and write its own captures", async () => {
    const { find } = await record(() => new AutoscaledEndpoint("prod", endpoint));

    const { Statement } = JSON.parse(find("aws:iam/rolePolicy:RolePolicy").inputs.policy as string) as {
      Statement: object[];
    };
    expect(Statement).to.deep.include({
      Effect: "Allow",
      Action: "s3:GetObject",
      Resource: ["arn:aws:s3:::data/mlops-nyctaxi/mlops-nyctaxi-r1/output/model.tar.gz*"],
    });
    expect(Statement).to.deep.include({
      Effect: "Allow",
      Action: "s3:PutObject",
      Resource: "arn:aws:s3:::data/mlops-nyctaxi/datacapture/mlops-nyctaxi-prd-r1/*",
    });
  });

  it("refuses a capacity that cannot be before it creates anything", async () => {
    const message = await record(() => new AutoscaledEndpoint("prod", { ...endpoint, maxInstances: 1 })).then(
      () => "accepted",
      (error: unknown) => (error as Error).message,
    );

    expect(message).to.equal("maxInstances (1) must not be below minInstances (2)");
  });
});
