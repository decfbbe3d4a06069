import type { ResourceType } from "../resource";

type Load = () => Promise<{ readonly resources: readonly ResourceType[] }>;

/**
 * Which file has the types of a module. A file is loaded, and with it its SDK client, when a type of it is first asked for: a
 * plugin is started by every Pulumi command, and most stacks use few services. (TypeScript wants the extension in `import()`.)
 */
const files: Readonly<Record<string, Load>> = {
  "apigateway/restApi": () => import("./apigateway/rest-api.js"),
  "apigateway/resource": () => import("./apigateway/rest-api.js"),
  "apigateway/method": () => import("./apigateway/method.js"),
  "apigateway/integration": () => import("./apigateway/method.js"),
  "apigateway/deployment": () => import("./apigateway/stage.js"),
  "apigateway/stage": () => import("./apigateway/stage.js"),
  "apigateway/methodSettings": () => import("./apigateway/method-settings.js"),
  "apigateway/account": () => import("./apigateway/account.js"),
  "apigateway/apiKey": () => import("./apigateway/usage-plan.js"),
  "apigateway/usagePlan": () => import("./apigateway/usage-plan.js"),
  "apigateway/usagePlanKey": () => import("./apigateway/usage-plan.js"),
  "appautoscaling/target": () => import("./appautoscaling.js"),
  "appautoscaling/policy": () => import("./appautoscaling.js"),
  "cloudwatch/dashboard": () => import("./cloudwatch.js"),
  "cloudwatch/eventRule": () => import("./events.js"),
  "cloudwatch/eventTarget": () => import("./events.js"),
  "cloudwatch/logGroup": () => import("./logs.js"),
  "cloudwatch/metricAlarm": () => import("./cloudwatch.js"),
  "codebuild/project": () => import("./codebuild.js"),
  "codedeploy/application": () => import("./codedeploy.js"),
  "codedeploy/deploymentConfig": () => import("./codedeploy.js"),
  "codedeploy/deploymentGroup": () => import("./codedeploy-group.js"),
  "codepipeline/pipeline": () => import("./codepipeline.js"),
  "iam/policy": () => import("./iam-policy.js"),
  "iam/role": () => import("./iam.js"),
  "iam/rolePolicy": () => import("./iam.js"),
  "iam/rolePolicyAttachment": () => import("./iam.js"),
  "kms/alias": () => import("./kms.js"),
  "kms/key": () => import("./kms.js"),
  "lambda/function": () => import("./lambda-function.js"),
  "lambda/permission": () => import("./lambda-permission.js"),
  "s3/bucket": () => import("./s3.js"),
  "s3/bucketLifecycleConfiguration": () => import("./s3-lifecycle.js"),
  "s3/bucketNotification": () => import("./s3-settings.js"),
  "s3/bucketObjectv2": () => import("./s3.js"),
  "s3/bucketPolicy": () => import("./s3-settings.js"),
  "s3/bucketPublicAccessBlock": () => import("./s3-settings.js"),
  "s3/bucketServerSideEncryptionConfiguration": () => import("./s3-settings.js"),
  "s3/bucketVersioning": () => import("./s3-settings.js"),
  "sagemaker/dataQualityJobDefinition": () => import("./sagemaker-job-definition.js"),
  "sagemaker/endpoint": () => import("./sagemaker-endpoint.js"),
  "sagemaker/endpointConfiguration": () => import("./sagemaker-config.js"),
  "sagemaker/model": () => import("./sagemaker.js"),
  "sagemaker/monitoringSchedule": () => import("./sagemaker-schedule.js"),
  "sagemaker/notebookInstance": () => import("./sagemaker-notebook.js"),
  "sagemaker/notebookInstanceLifecycleConfiguration": () => import("./sagemaker-notebook.js"),
  "sns/topic": () => import("./sns.js"),
  "sns/topicPolicy": () => import("./sns.js"),
  "sns/topicSubscription": () => import("./sns.js"),
  "synthetics/canary": () => import("./synthetics.js"),
};

/**
 * The resource type of a token such as `aws:iam/role:Role`.
 *
 * @throws if the local AWS provider does not have it.
 */
export async function resourceType(token: string): Promise<ResourceType> {
  const [, path = ""] = token.split(":");
  const found = (await files[path]?.())?.resources.find(({ type }) => type === token);
  if (found === undefined) {
    throw new Error(`the local AWS provider does not have the resource type ${token}`);
  }
  return found;
}
