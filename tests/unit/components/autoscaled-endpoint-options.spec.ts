import * as pulumi from "@pulumi/pulumi";
import * as s3 from "@pulumi/aws/s3";
import { expect } from "chai";
import { AutoscaledEndpoint } from "../../../components/autoscaled-endpoint";
import type { AutoscaledEndpointArgs } from "../../../components/autoscaled-endpoint/arguments";
import { record, valueOf, type Recording } from "../../support/recorder";

const IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/own:1";
const endpoint: AutoscaledEndpointArgs = {
  endpointName: "churn-r1",
  variantName: "main",
  image: IMAGE,
  modelDataUrl: "s3://data/churn/model.tar.gz",
  instanceType: "ml.m5.large",
};
const SERVERLESS: AutoscaledEndpointArgs = {
  ...endpoint,
  instanceType: undefined,
  serverless: { memorySizeInMB: 2048, maxConcurrency: 10, provisionedConcurrency: 2 },
};
const ENDPOINT = "aws:sagemaker/endpoint:Endpoint";
const CONFIG = "aws:sagemaker/endpointConfiguration:EndpointConfiguration";
const MODEL = "aws:sagemaker/model:Model";
const POLICY = "aws:appautoscaling/policy:Policy";
const TARGET = "aws:appautoscaling/target:Target";
const CHECK = "pulumi-nodejs:dynamic/sagemaker-safe-deploy:EndpointCheck";

const made = (args: AutoscaledEndpointArgs) => record(() => new AutoscaledEndpoint("prod", args));
const refusalOf = (args: AutoscaledEndpointArgs) =>
  made(args).then(
    () => ["accepted"],
    (error: unknown) => (error as Error).message.split("; "),
  );
const policyOf = ({ find }: Recording<unknown>) => find("aws:iam/rolePolicy:RolePolicy").inputs.policy as string;

describe("AutoscaledEndpoint, with what people bring,", () => {
  it("gives the container its environment, its network and its isolation", async () => {
    const recorded = await made({
      ...endpoint,
      environment: { LEVEL: "debug" },
      vpc: { subnetIds: ["subnet-1", "subnet-2"], securityGroupIds: ["sg-1"] },
      enableNetworkIsolation: true,
    });

    expect(recorded.find(MODEL).inputs).to.deep.include({
      primaryContainer: { image: IMAGE, modelDataUrl: endpoint.modelDataUrl, environment: { LEVEL: "debug" } },
      vpcConfig: { subnets: ["subnet-1", "subnet-2"], securityGroupIds: ["sg-1"] },
      enableNetworkIsolation: true,
    });
    const { Statement } = JSON.parse(policyOf(recorded)) as { Statement: object[] };
    expect(Statement).to.deep.include({
      Effect: "Allow",
      Action: "ec2:CreateNetworkInterface",
      Resource: [
        "arn:aws:ec2:*:*:network-interface/*",
        "arn:aws:ec2:*:*:subnet/subnet-1",
        "arn:aws:ec2:*:*:subnet/subnet-2",
        "arn:aws:ec2:*:*:security-group/sg-1",
      ],
    });
  });

  it("makes another model of another environment, so that both can be there", async () => {
    const name = async (environment: Record<string, string> | undefined) =>
      (await made({ ...endpoint, environment })).find(MODEL).inputs.name;

    expect(await name({ LEVEL: "debug" })).not.to.equal(await name(undefined));
  });

  it("acts as a role of one's own, and makes none then", async () => {
    const executionRoleArn = "arn:aws:iam::123456789012:role/own";
    const { find, made: all, result } = await made({ ...endpoint, executionRoleArn });

    expect(find(MODEL).inputs.executionRoleArn).to.equal(executionRoleArn);
    expect(all.filter(({ type }) => type.startsWith("aws:iam"))).to.deep.equal([]);
    expect(result.nodes.role).to.equal(undefined);
    expect(await valueOf(result.executionRoleArn)).to.equal(executionRoleArn);
  });

  it("waits as much longer as start-up and download may take", async () => {
    const { find } = await made({
      ...endpoint,
      containerStartupHealthCheckTimeoutInSeconds: 900,
      modelDataDownloadTimeoutInSeconds: 600,
    });

    const [variant] = find(CONFIG).inputs.productionVariants as object[];
    expect(variant).to.include({
      containerStartupHealthCheckTimeoutInSeconds: 900,
      modelDataDownloadTimeoutInSeconds: 600,
    });
    expect(find(CHECK).inputs.timeoutSeconds).to.equal(3600 + 900 + 600);
  });

  it("has a pipeline of containers, and a role that may read all of their archives", async () => {
    const recorded = await made({
      ...endpoint,
      image: undefined,
      modelDataUrl: undefined,
      containers: [
        { image: IMAGE, modelDataUrl: "s3://data/prepare.tar.gz", environment: { STEP: "1" } },
        { image: IMAGE, modelDataUrl: "s3://other/model.tar.gz" },
      ],
    });

    expect(recorded.find(MODEL).inputs).not.to.have.property("primaryContainer");
    expect(recorded.find(MODEL).inputs.containers).to.deep.equal([
      { image: IMAGE, modelDataUrl: "s3://data/prepare.tar.gz", environment: { STEP: "1" } },
      { image: IMAGE, modelDataUrl: "s3://other/model.tar.gz" },
    ]);
    expect(policyOf(recorded)).to.contain("arn:aws:s3:::data/prepare.tar.gz");
    expect(policyOf(recorded)).to.contain("arn:aws:s3:::other/model.tar.gz");
  });

  it("serves a model package as a role that may read it", async () => {
    const modelPackageArn = "arn:aws:sagemaker:us-east-1:123456789012:model-package/churn/3";
    const packaged = { ...endpoint, image: undefined, modelDataUrl: undefined, modelPackageArn };
    const { find } = await made({ ...packaged, executionRoleArn: "arn:aws:iam::123456789012:role/own" });

    expect(find(MODEL).inputs.primaryContainer).to.deep.equal({ modelPackageName: modelPackageArn });
    expect(await refusalOf(packaged)).to.deep.equal([
      "modelPackageArn needs executionRoleArn: the role must be able to read the archive and pull the image that the package names",
    ]);
  });

  it("takes a bucket that is made in the same update", async () => {
    const recorded = await record(() => {
      const bucket = new s3.Bucket("bucket", { bucket: "made-here" });
      const destinationUri = pulumi.interpolate`s3://${bucket.bucket}/captures`;
      return new AutoscaledEndpoint("prod", { ...endpoint, dataCapture: { destinationUri } });
    });

    expect(recorded.find(CONFIG).inputs.dataCaptureConfig).to.deep.include({
      destinationS3Uri: "s3://made-here/captures",
    });
    expect(policyOf(recorded)).to.contain("arn:aws:s3:::made-here/captures/churn-r1/*");
  });

  it("registers all of its outputs, and hands out its children", async () => {
    const { result } = await made({ ...endpoint, maxInstances: 2 });

    expect(await valueOf(result.endpointConfigArn)).to.match(/prod-config$/);
    expect(await valueOf(result.nodes.endpoint.name)).to.equal("churn-r1");
    expect(result.nodes.scalingPolicies).to.have.length(1);
    expect(result.nodes.scalingTarget).not.to.equal(undefined);
  });

  describe("serverless", () => {
    it("has no instances, nothing that scales them, and no deployment", async () => {
      const { find, made: all } = await made({ ...SERVERLESS, standby: false });

      expect(find(CONFIG).inputs.productionVariants).to.deep.equal([
        {
          variantName: "main",
          modelName: find(MODEL).inputs.name,
          initialVariantWeight: 1,
          serverlessConfig: { memorySizeInMb: 2048, maxConcurrency: 10, provisionedConcurrency: 2 },
        },
      ]);
      expect(all.filter(({ type }) => type.startsWith("aws:appautoscaling"))).to.deep.equal([]);
      expect(find(CHECK).inputs).not.to.have.property("retainsInstances");
    });

    it("refuses each thing that AWS has not for it, by its name, and all at once", async () => {
      expect(
        await refusalOf({
          ...SERVERLESS,
          instanceType: "ml.m5.large",
          maxInstances: 3,
          vpc: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] },
          enableNetworkIsolation: true,
          dataCapture: { destinationUri: "s3://data/captures" },
          deployment: { type: "allAtOnce" },
          scalingMetrics: [],
          serverless: { memorySizeInMB: 1000, maxConcurrency: 201, provisionedConcurrency: 300 },
        }),
      ).to.deep.equal([
        "serverless.memorySizeInMB must be one of 1024, 2048, 3072, 4096, 5120, 6144, got 1000",
        "serverless.maxConcurrency must be a whole number from 1 to 200, got 201",
        "serverless.provisionedConcurrency must be a whole number from 1 to 201, got 300",
        "instanceType is not for a serverless endpoint: it has no instances",
        "maxInstances is not for a serverless endpoint: it has no instances",
        "scalingMetrics is not for a serverless endpoint: it scales by itself, up to maxConcurrency",
        "vpc is not for a serverless endpoint: AWS puts no serverless container into a VPC",
        "enableNetworkIsolation is not for a serverless endpoint: AWS does not isolate serverless containers",
        "dataCapture is not for a serverless endpoint: AWS captures nothing there",
        "deployment is not for a serverless endpoint: AWS shifts its traffic all at once",
      ]);
    });
  });

  describe("asynchronous", () => {
    const async = {
      s3InputPath: "s3://data/requests",
      s3OutputPath: "s3://data/answers",
      s3FailurePath: "s3://data/failures",
      maxConcurrentInvocationsPerInstance: 4,
      errorTopicArn: "arn:aws:sns:us-east-1:123456789012:failures",
    };

    it("queues requests in S3, with answers and topics that its role may reach", async () => {
      const recorded = await made({ ...endpoint, async });

      expect(recorded.find(CONFIG).inputs.asyncInferenceConfig).to.deep.equal({
        clientConfig: { maxConcurrentInvocationsPerInstance: 4 },
        outputConfig: {
          s3OutputPath: "s3://data/answers",
          s3FailurePath: "s3://data/failures",
          notificationConfig: { errorTopic: async.errorTopicArn },
        },
      });
      for (const resource of ["requests/*", "answers/*", "failures/*"]) {
        expect(policyOf(recorded)).to.contain(`arn:aws:s3:::data/${resource}`);
      }
      expect(policyOf(recorded)).to.contain(async.errorTopicArn);
    });

    it("refuses a capture, and what is out of range", async () => {
      expect(
        await refusalOf({
          ...endpoint,
          dataCapture: { destinationUri: "s3://data/captures" },
          async: { ...async, s3OutputPath: "answers", maxConcurrentInvocationsPerInstance: 0 },
        }),
      ).to.deep.equal([
        "async.maxConcurrentInvocationsPerInstance must be a whole number from 1 to 1000, got 0",
        'async.s3OutputPath must be s3://bucket/key, got "answers"',
        "dataCapture is not for an asynchronous endpoint: its requests and answers lie in S3 already",
      ]);
    });
  });

  describe("scaling", () => {
    const scaled = { ...endpoint, minInstances: 1, maxInstances: 4 };

    it("follows several metrics, each by a policy of its own", async () => {
      const { find } = await made({
        ...scaled,
        scalingMetrics: [
          { predefinedMetricType: "SageMakerVariantInvocationsPerInstance", targetValue: 100 },
          {
            targetValue: 60,
            scaleInCooldownSeconds: 600,
            disableScaleIn: true,
            customMetric: {
              namespace: "/aws/sagemaker/Endpoints",
              metricName: "CPUUtilization",
              statistic: "Average",
              unit: "Percent",
            },
          },
        ],
      });

      expect(find(POLICY, "InvocationsPerInstance").inputs).to.deep.include({
        name: "churn-r1-SageMakerVariantInvocationsPerInstance",
        targetTrackingScalingPolicyConfiguration: {
          targetValue: 100,
          predefinedMetricSpecification: { predefinedMetricType: "SageMakerVariantInvocationsPerInstance" },
          scaleInCooldown: 60,
          scaleOutCooldown: 60,
        },
      });
      expect(find(POLICY, "CPUUtilization").inputs.targetTrackingScalingPolicyConfiguration).to.deep.equal({
        targetValue: 60,
        customizedMetricSpecification: {
          namespace: "/aws/sagemaker/Endpoints",
          metricName: "CPUUtilization",
          statistic: "Average",
          unit: "Percent",
          dimensions: [
            { name: "EndpointName", value: "churn-r1" },
            { name: "VariantName", value: "main" },
          ],
        },
        disableScaleIn: true,
        scaleInCooldown: 600,
        scaleOutCooldown: 60,
      });
    });

    it("keeps the bounds without any metric, for others to scale", async () => {
      const { find, made: all } = await made({ ...scaled, scalingMetrics: [] });

      expect(find(TARGET).inputs).to.deep.include({ minCapacity: 1, maxCapacity: 4 });
      expect(all.filter(({ type }) => type === POLICY)).to.deep.equal([]);
    });

    it("refuses a metric that is none, or two of one name", async () => {
      const metric = { predefinedMetricType: "SageMakerVariantInvocationsPerInstance", targetValue: 100 };
      expect(await refusalOf({ ...scaled, scalingMetrics: [{ targetValue: 0 }, metric, metric] })).to.deep.equal([
        "scalingMetrics[0].targetValue must be above 0, got 0",
        "scalingMetrics[0] must have either predefinedMetricType or customMetric",
        "scalingMetrics must have different metrics, got SageMakerVariantInvocationsPerInstance more than once",
      ]);
    });
  });

  describe("changed by the program", () => {
    it("names a model and a configuration by what the program has made of them", async () => {
      const recorded = (volumeSizeInGb: number) =>
        made({
          ...endpoint,
          transform: {
            endpointConfiguration: (args) => {
              args.productionVariants = pulumi
                .output(args.productionVariants)
                .apply((variants) => variants.map((variant) => ({ ...variant, volumeSizeInGb })));
            },
          },
        });
      const [small, large] = [await recorded(10), await recorded(20)];

      expect(small.find(CONFIG).inputs.productionVariants).to.have.nested.property("[0].volumeSizeInGb", 10);
      expect(small.find(CONFIG).inputs.name).not.to.equal(large.find(CONFIG).inputs.name);
      expect(small.find(MODEL).inputs.name).to.equal(large.find(MODEL).inputs.name);
    });

    it("takes its arguments for role, model, endpoint, target and policy", async () => {
      const { find } = await made({
        ...endpoint,
        maxInstances: 2,
        transform: {
          role: { permissionsBoundary: "arn:boundary" },
          model: { name: "own-name" },
          endpoint: { tags: { team: "risk" } },
          scalingTarget: { minCapacity: 2 },
          scalingPolicy: (args) => {
            args.name = "own-policy";
          },
        },
      });

      expect(find("aws:iam/role:Role").inputs.permissionsBoundary).to.equal("arn:boundary");
      expect(find(MODEL).inputs.name).to.equal("own-name");
      expect(find(ENDPOINT).inputs.tags).to.deep.equal({ team: "risk" });
      expect(find(TARGET).inputs.minCapacity).to.equal(2);
      expect(find(POLICY).inputs.name).to.equal("own-policy");
    });
  });

  it("refuses all that is wrong at once, and says what was meant", async () => {
    const misspelt = { maxInstance: 4 };
    expect(
      await refusalOf({
        ...endpoint,
        ...misspelt,
        endpointName: "a".repeat(64),
        image: undefined,
        modelDataUrl: "model.tar.gz",
        instanceType: undefined,
        containerStartupHealthCheckTimeoutInSeconds: 30,
        dataCapture: { destinationUri: "nope", samplingPercentage: 0, input: false, output: false },
      }),
    ).to.deep.equal([
      "maxInstance is not an argument: did you mean maxInstances?",
      `endpointName must be 1 to 63 letters, digits and hyphens, got "${"a".repeat(64)}"`,
      "one of image, containers and modelPackageArn must be given, got none",
      "modelDataUrl is the archive of image: a pipeline's containers have their own, and a model package names it",
      'modelDataUrl must be s3://bucket/key, got "model.tar.gz"',
      "instanceType must be given, such as ml.m5.large, unless serverless is",
      "containerStartupHealthCheckTimeoutInSeconds must be a whole number from 60 to 3600, got 30",
      'dataCapture.destinationUri must be s3://bucket/key, got "nope"',
      "dataCapture.samplingPercentage must be a whole number from 1 to 100, got 0",
      "dataCapture must keep input or output, got false for both",
    ]);
  });
});
