import type { ComponentResource } from "@pulumi/pulumi";
import { expect } from "chai";
import { BlueGreenApi } from "../../../components/blue-green-api";
import { ReleaseNotebook } from "../../../components/release-notebook";
import { TrainingJob } from "../../../components/training-job";
import { RESOURCE_RULES, STACK_RULES } from "../../../policy/rules";
import { made } from "../../support/deployment-pipeline";
import { record, type Recording } from "../../support/recorder";
import { declared, saysOf, saysOfStack } from "./judge";

const vpc = { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] };
const endpointArn = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/fares-r1";

/** Components with what asks for most permissions. */
const PROGRAMS: Readonly<Record<string, () => Promise<Recording<ComponentResource>>>> = {
  TrainingJob: () =>
    record(
      () =>
        new TrainingJob("fares", {
          jobName: "fares-r1",
          trainingImage: "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
          channels: [{ name: "train", s3Uri: "s3://data/fares/train/" }],
          hyperparameters: {},
          outputUri: "s3://data/fares",
          instanceType: "ml.m5.xlarge",
          vpc,
        }),
    ),
  BlueGreenApi: () =>
    record(
      () =>
        new BlueGreenApi("fares", {
          apiName: "fares",
          release: "r1",
          endpoint: { endpointName: "fares-r1", endpointArn, variantName: "fares" },
          check: { requests: ["5,1,1"], acceptKnown: { type: "number", minimum: 4, maximum: 100 } },
          dataCaptureUri: "s3://data/fares/datacapture",
          createAccountLogRole: true,
          vpc,
        }),
    ),
  DeploymentPipeline: () => made(),
  ReleaseNotebook: () =>
    record(
      () =>
        new ReleaseNotebook("notebook", {
          model: "fares",
          pipelineArn: "arn:aws:codepipeline:us-east-1:123456789012:mlops-fares-pipeline",
          dataSourceUri: "s3://artifacts/mlops-fares-pipeline/data-source.zip",
          artifactKeyArn: "arn:aws:kms:us-east-1:123456789012:key/artifacts",
          bucket: "data",
          dataPrefix: "fares",
          repository: { type: "codecommit", repository: "fares", branch: "main" },
          mayApprove: true,
        }),
    ),
};

describe("the components keep to every rule of the policy pack:", () => {
  for (const [name, program] of Object.entries(PROGRAMS)) {
    it(name, async () => {
      const resources = (await program()).made.map(({ type, inputs }) => declared(type, inputs));

      const said = await Promise.all([
        ...resources.flatMap((resource) => RESOURCE_RULES.map((rule) => saysOf(rule, resource))),
        ...STACK_RULES.map((rule) => saysOfStack(rule, resources)),
      ]);

      expect(resources.map(({ type }) => type)).to.include("aws:iam/rolePolicy:RolePolicy");
      expect(said.flat()).to.deep.equal([]);
    });
  }
});
