import { readFileSync } from "node:fs";
import { expect } from "chai";
import type { Properties } from "../../properties";
import { resourceType } from "../../resources";

/** Every type that the plugin has. */
const TYPES = [
  "aws:apigateway/account:Account",
  "aws:apigateway/apiKey:ApiKey",
  "aws:apigateway/deployment:Deployment",
  "aws:apigateway/integration:Integration",
  "aws:apigateway/method:Method",
  "aws:apigateway/methodSettings:MethodSettings",
  "aws:apigateway/resource:Resource",
  "aws:apigateway/restApi:RestApi",
  "aws:apigateway/stage:Stage",
  "aws:apigateway/usagePlan:UsagePlan",
  "aws:apigateway/usagePlanKey:UsagePlanKey",
  "aws:appautoscaling/policy:Policy",
  "aws:appautoscaling/target:Target",
  "aws:cloudwatch/dashboard:Dashboard",
  "aws:cloudwatch/eventRule:EventRule",
  "aws:cloudwatch/eventTarget:EventTarget",
  "aws:cloudwatch/logGroup:LogGroup",
  "aws:cloudwatch/metricAlarm:MetricAlarm",
  "aws:codebuild/project:Project",
  "aws:codedeploy/application:Application",
  "aws:codedeploy/deploymentConfig:DeploymentConfig",
  "aws:codedeploy/deploymentGroup:DeploymentGroup",
  "aws:codepipeline/pipeline:Pipeline",
  "aws:iam/policy:Policy",
  "aws:iam/role:Role",
  "aws:iam/rolePolicy:RolePolicy",
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  "aws:kms/alias:Alias",
  "aws:kms/key:Key",
  "aws:lambda/function:Function",
  "aws:lambda/permission:Permission",
  "aws:s3/bucket:Bucket",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  "aws:s3/bucketNotification:BucketNotification",
  "aws:s3/bucketObjectv2:BucketObjectv2",
  "aws:s3/bucketPolicy:BucketPolicy",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  "aws:s3/bucketVersioning:BucketVersioning",
  "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition",
  "aws:sagemaker/endpoint:Endpoint",
  "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
  "aws:sagemaker/model:Model",
  "aws:sagemaker/monitoringSchedule:MonitoringSchedule",
  "aws:sns/topic:Topic",
  "aws:sns/topicPolicy:TopicPolicy",
  "aws:sns/topicSubscription:TopicSubscription",
];

/** The members that a declaration of `@pulumi/aws` has, each with whether it may be left out. */
function membersOf(source: string, start: RegExp): Map<string, boolean> {
  const body = source.slice(start.exec(source)!.index).split(/\n\}|\n {4}constructor/)[0]!;
  return new Map(
    [...body.matchAll(/^ {4}(?:readonly )?(\w+)(\?)?: /gm)].map(([, name, optional]) => [name!, optional === "?"]),
  );
}

/** Where the plugin asks for more than the AWS provider: what the provider would fill in makes no sense here. */
const STRICTER = [
  "aws:apigateway/integration:Integration integrationHttpMethod",
  "aws:apigateway/integration:Integration uri",
  "aws:appautoscaling/policy:Policy policyType",
  "aws:appautoscaling/policy:Policy targetTrackingScalingPolicyConfiguration",
  "aws:cloudwatch/metricAlarm:MetricAlarm comparisonOperator",
  "aws:cloudwatch/metricAlarm:MetricAlarm evaluationPeriods",
  "aws:cloudwatch/metricAlarm:MetricAlarm threshold",
  "aws:codedeploy/application:Application computePlatform",
  "aws:codedeploy/deploymentConfig:DeploymentConfig computePlatform",
  "aws:codedeploy/deploymentConfig:DeploymentConfig trafficRoutingConfig",
  "aws:codedeploy/deploymentGroup:DeploymentGroup deploymentConfigName",
  "aws:codedeploy/deploymentGroup:DeploymentGroup deploymentStyle",
  "aws:lambda/function:Function code",
  "aws:lambda/function:Function handler",
  "aws:lambda/function:Function runtime",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration rules",
  "aws:s3/bucketObjectv2:BucketObjectv2 key",
  "aws:s3/bucketObjectv2:BucketObjectv2 source",
  "aws:sagemaker/model:Model primaryContainer",
];

describe("the provider plugin speaks of resources as @pulumi/aws does", () => {
  for (const token of TYPES) {
    const path = token.split(":")[1]!;
    const declaration = readFileSync(require.resolve(`@pulumi/aws/${path}.d.ts`), "utf8");

    it(`${token}: arguments and outputs exist there, and what is required there is required here`, async () => {
      const { inputs, outputs } = await resourceType(token);
      const args = membersOf(declaration, /export interface \w+Args \{/);
      const members = membersOf(declaration, /export declare class/);
      expect([...args.keys()]).to.include.members(Object.keys(inputs));
      expect([...members.keys()]).to.include.members([...outputs]);
      for (const [key, optional] of args) {
        if (!optional) {
          expect(inputs[key], key).to.have.property("required", true);
        }
      }
    });

    it(`${token}: what it asks for beyond that is known`, async () => {
      const { inputs } = await resourceType(token);
      const args = membersOf(declaration, /export interface \w+Args \{/);
      const stricter = Object.entries<Properties[string]>(inputs)
        .filter(([key, property]) => property.required && args.get(key) === true)
        .map(([key]) => `${token} ${key}`);
      expect(STRICTER).to.include.members(stricter);
    });

    it(`${token}: its identity is made of its own arguments`, async () => {
      const { inputs, identity } = await resourceType(token);
      expect(Object.keys(inputs)).to.include.members([...identity]);
    });
  }
});
