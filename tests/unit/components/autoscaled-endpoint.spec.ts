import { expect } from "chai";
import { AutoscaledEndpoint } from "../../../components/autoscaled-endpoint";
import { deploymentProblems, type EndpointDeployment } from "../../../components/autoscaled-endpoint/deployment";
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
const ENDPOINT = "aws:sagemaker/endpoint:Endpoint";
const TARGET = "aws:appautoscaling/target:Target";
const POLICY = "aws:appautoscaling/policy:Policy";
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
      Resource: "arn:aws:s3:::data/mlops-nyctaxi/mlops-nyctaxi-r1/output/model.tar.gz",
    });
    expect(Statement).to.deep.include({
      Effect: "Allow",
      Action: "s3:PutObject",
      Resource: "arn:aws:s3:::data/mlops-nyctaxi/datacapture/mlops-nyctaxi-prd-r1/*",
    });
  });

  it("gives the volumes no key where the instances encrypt their own, and the role nothing for it", async () => {
    const kmsKeyArn = "arn:aws:kms:us-east-1:123456789012:key/z";
    const on = async (instanceType: string) => {
      const { find } = await record(() => new AutoscaledEndpoint("prod", { ...endpoint, kmsKeyArn, instanceType }));
      const { kmsKeyArn: key, dataCaptureConfig } = find(CONFIG).inputs;
      const policy = find("aws:iam/rolePolicy:RolePolicy").inputs.policy as string;
      return { key, captures: dataCaptureConfig, grants: policy.includes("kms:CreateGrant") };
    };
    const plain = await on("ml.m5.large");
    const local = await on("ml.g5.xlarge");

    expect(plain).to.deep.include({ key: kmsKeyArn, grants: true });
    expect(local).to.deep.include({ key: undefined, grants: false });
    expect(local.captures).to.have.property("kmsKeyId", kmsKeyArn);
  });

  it("keeps the role while SageMaker takes back its grants of a key for volumes, and only then", async () => {
    const kmsKeyArn = "arn:aws:kms:us-east-1:123456789012:key/z";
    const seconds = async (changes: object) => {
      const { made } = await record(() => new AutoscaledEndpoint("prod", { ...endpoint, ...changes }));
      return made.find(({ name }) => name === "prod-vacancy")?.inputs.grantRetirementSeconds;
    };

    expect(await seconds({})).to.equal(undefined);
    expect(await seconds({ kmsKeyArn })).to.equal(300);
    expect(await seconds({ kmsKeyArn, grantRetirementSeconds: 60 })).to.equal(60);
    expect(await seconds({ kmsKeyArn, instanceType: "ml.g5.xlarge" })).to.equal(undefined);
    expect(await seconds({ kmsKeyArn, executionRoleArn: "arn:aws:iam::123456789012:role/own" })).to.equal(undefined);
  });

  it("refuses a capacity that cannot be before it creates anything", async () => {
    const message = await record(() => new AutoscaledEndpoint("prod", { ...endpoint, maxInstances: 1 })).then(
      () => "accepted",
      (error: unknown) => (error as Error).message,
    );

    expect(message).to.equal("maxInstances (1) must not be below minInstances (2)");
  });

  it("keeps its configuration where only tags change", async () => {
    const first = await record(() => new AutoscaledEndpoint("prod", { ...endpoint, tags: { DataVersionId: "1" } }));
    const other = await record(() => new AutoscaledEndpoint("prod", { ...endpoint, tags: { DataVersionId: "2" } }));

    expect(other.find(CONFIG).inputs.name).to.equal(first.find(CONFIG).inputs.name);
    expect(other.find(CONFIG).inputs.tags).to.deep.equal({ DataVersionId: "2" });
  });

  describe("as a standby", () => {
    it("keeps one instance of the same configuration, and does not scale", async () => {
      const serving = await record(() => new AutoscaledEndpoint("prod", { ...endpoint, standby: false }));
      const standby = await record(() => new AutoscaledEndpoint("prod", { ...endpoint, standby: true }));

      expect(standby.find(CONFIG).inputs).to.deep.equal(serving.find(CONFIG).inputs);
      expect(standby.find(TARGET).inputs).to.deep.include({ minCapacity: 1, maxCapacity: 1 });
      expect(standby.made.filter(({ type }) => type === POLICY)).to.deep.equal([]);
      expect(serving.find(TARGET).inputs).to.deep.include({ minCapacity: 2, maxCapacity: 10 });
      expect(serving.made.filter(({ type }) => type === POLICY)).to.have.length(1);
    });

    it("gets a fixed number of instances back, which without a scalable target would stay one", async () => {
      const fixed = { ...endpoint, maxInstances: undefined };
      const standby = await record(() => new AutoscaledEndpoint("prod", { ...fixed, standby: true }));
      const serving = await record(() => new AutoscaledEndpoint("prod", { ...fixed, standby: false }));

      expect(standby.find(TARGET).inputs).to.deep.include({ minCapacity: 1, maxCapacity: 1 });
      expect(serving.find(TARGET).inputs).to.deep.include({ minCapacity: 2, maxCapacity: 2 });
      expect(serving.made.filter(({ type }) => type === POLICY)).to.deep.equal([]);
    });

    for (const [what, change] of [
      ["a single instance", { minInstances: 1, maxInstances: undefined }],
      ["burstable instances, which cannot scale", { instanceType: "ml.t2.medium", maxInstances: undefined }],
    ] as const) {
      it(`leaves ${what} alone`, async () => {
        const { made } = await record(() => new AutoscaledEndpoint("prod", { ...endpoint, ...change, standby: true }));

        expect(made.filter(({ type }) => type.startsWith("aws:appautoscaling"))).to.deep.equal([]);
      });
    }
  });

  it("takes over an endpoint that is there already, by its name", async () => {
    const adopting = await record(() => new AutoscaledEndpoint("prod", { ...endpoint, adopt: true }));
    const creating = await record(() => new AutoscaledEndpoint("prod", endpoint));

    // What the engine is to import, as mocks see it.
    expect(adopting.find(ENDPOINT)).to.deep.include({ id: "mlops-nyctaxi-prd-r1" });
    expect(creating.find(ENDPOINT)).to.deep.include({ id: "" });
  });

  describe("with a deployment of SageMaker's", () => {
    const deployed = (deployment: EndpointDeployment) =>
      record(() => new AutoscaledEndpoint("prod", { ...endpoint, deployment }));

    it("shifts capacity in steps, watches alarms, and keeps the old fleet", async () => {
      const { find } = await deployed({
        type: "canary",
        percent: 20,
        alarmNames: ["faults", "latency"],
        bakeSeconds: 600,
        terminationWaitSeconds: 120,
      });

      expect(find(ENDPOINT).inputs.deploymentConfig).to.deep.equal({
        autoRollbackConfiguration: { alarms: [{ alarmName: "faults" }, { alarmName: "latency" }] },
        blueGreenUpdatePolicy: {
          trafficRoutingConfiguration: {
            type: "CANARY",
            canarySize: { type: "CAPACITY_PERCENT", value: 20 },
            waitIntervalInSeconds: 600,
          },
          terminationWaitInSeconds: 120,
          maximumExecutionTimeoutInSeconds: 600 * 2 + 120 + 3600,
        },
      });
    });

    for (const [deployment, routing] of [
      [{ type: "allAtOnce" }, { type: "ALL_AT_ONCE" }],
      [
        { type: "linear", percent: 25 },
        { type: "LINEAR", linearStepSize: { type: "CAPACITY_PERCENT", value: 25 } },
      ],
    ] as const) {
      it(`is ${routing.type}, with five minutes to bake and no alarm, where nothing else is said`, async () => {
        const { find } = await deployed(deployment);

        const { deploymentConfig } = find(ENDPOINT).inputs as { deploymentConfig: object };
        expect(deploymentConfig).to.have.nested.property("blueGreenUpdatePolicy.terminationWaitInSeconds", 0);
        expect(deploymentConfig)
          .to.have.nested.property("blueGreenUpdatePolicy.trafficRoutingConfiguration")
          .that.deep.equals({ ...routing, waitIntervalInSeconds: 300 });
        expect(deploymentConfig).not.to.have.property("autoRollbackConfiguration");
      });
    }

    it("rolls in batches, and back in batches", async () => {
      const { find } = await deployed({ type: "rolling", percent: 10, rollbackPercent: 50, bakeSeconds: 60 });

      expect(find(ENDPOINT).inputs.deploymentConfig).to.deep.equal({
        rollingUpdatePolicy: {
          maximumBatchSize: { type: "CAPACITY_PERCENT", value: 10 },
          rollbackMaximumBatchSize: { type: "CAPACITY_PERCENT", value: 50 },
          waitIntervalInSeconds: 60,
          maximumExecutionTimeoutInSeconds: 10 * 60 + 3600,
        },
      });
    });

    it("has the check wait for longer than SageMaker may take", async () => {
      const { find } = await deployed({ type: "linear", percent: 10, bakeSeconds: 1800 });

      const { timeoutSeconds } = find("pulumi-nodejs:dynamic/sagemaker-safe-deploy:EndpointCheck").inputs;
      expect(timeoutSeconds).to.be.greaterThan(10 * 1800 + 3600);
    });

    it("refuses what AWS does not allow before it creates anything, all of it at once", async () => {
      const message = await deployed({
        type: "rolling",
        percent: 51,
        rollbackPercent: 4,
        bakeSeconds: 3601,
        terminationWaitSeconds: 1,
        alarmNames: Array.from({ length: 11 }, (_, i) => `alarm-${i}`),
      }).then(
        () => "accepted",
        (error: unknown) => (error as Error).message,
      );

      expect(message.split("; ")).to.deep.equal([
        "deployment.percent must be a whole number from 5 to 50, got 51",
        "deployment.rollbackPercent must be a whole number from 5 to 100, got 4",
        "deployment.bakeSeconds must be a whole number from 0 to 3600, got 3601",
        "deployment.terminationWaitSeconds is not for a rolling deployment, which keeps no old fleet",
        "deployment.alarmNames may name 10 alarms, got 11",
      ]);
    });

    for (const [deployment, problem] of [
      [{ type: "canary", percent: 51 }, "deployment.percent must be a whole number from 1 to 50, got 51"],
      [{ type: "linear", percent: 9 }, "deployment.percent must be a whole number from 10 to 50, got 9"],
      [
        { type: "rolling", percent: 5, bakeSeconds: 720 },
        "deployment waits 14400 seconds in its 20 steps, but SageMaker ends it after 14400",
      ],
      [
        { type: "linear", percent: 10, bakeSeconds: 3600 },
        "deployment waits 36000 seconds in its 10 steps, but SageMaker ends it after 28800",
      ],
    ] as const) {
      it(`refuses ${JSON.stringify(deployment)}`, () => {
        expect(deploymentProblems(deployment)).to.deep.equal([problem]);
      });
    }
  });
});
