import { APIGatewayClient, paginateGetRestApis } from "@aws-sdk/client-api-gateway";
import {
  ApplicationAutoScalingClient,
  paginateDescribeScalableTargets,
} from "@aws-sdk/client-application-auto-scaling";
import { CloudWatchClient, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, paginateDescribeLogGroups } from "@aws-sdk/client-cloudwatch-logs";
import { CodeDeployClient, paginateListApplications, paginateListDeploymentConfigs } from "@aws-sdk/client-codedeploy";
import { IAMClient, paginateListRoles } from "@aws-sdk/client-iam";
import { LambdaClient, paginateListFunctions } from "@aws-sdk/client-lambda";
import {
  paginateListEndpointConfigs,
  paginateListEndpoints,
  paginateListModels,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import type { AwsSettings } from "../support/context";
import { itemsOf } from "../support/pages";

/** Names of everything in AWS, by kind. Jobs and the logs of endpoints are left out, since SageMaker keeps them for ever. */
export type Inventory = Readonly<Record<string, readonly string[]>>;

/** API Gateway goes on writing the logs of other APIs with this role, so it stays where it is. */
const LOG_ROLE = "mlops-api-gateway-logs";

/** SageMaker makes such configurations for endpoints that are scaled, and takes them away with these. */
const SCALED = /^Scaled-/;

/** Reads everything of the kinds that the stacks create, whoever has created it. */
export async function takeInventory(aws: AwsSettings): Promise<Inventory> {
  const sageMaker = { client: new SageMakerClient(aws) };
  const codeDeploy = { client: new CodeDeployClient(aws) };
  const kinds = {
    endpoint: itemsOf(paginateListEndpoints(sageMaker, {}), (page) => page.Endpoints?.map((each) => each.EndpointName)),
    "endpoint configuration": itemsOf(paginateListEndpointConfigs(sageMaker, {}), (page) =>
      page.EndpointConfigs?.map((each) => each.EndpointConfigName).filter((name) => !SCALED.test(name ?? "")),
    ),
    model: itemsOf(paginateListModels(sageMaker, {}), (page) => page.Models?.map((each) => each.ModelName)),
    function: itemsOf(paginateListFunctions({ client: new LambdaClient(aws) }, {}), (page) =>
      page.Functions?.map((each) => each.FunctionName),
    ),
    API: itemsOf(paginateGetRestApis({ client: new APIGatewayClient(aws) }, {}), (page) =>
      page.items?.map((each) => each.name),
    ),
    alarm: itemsOf(paginateDescribeAlarms({ client: new CloudWatchClient(aws) }, {}), (page) =>
      page.MetricAlarms?.map((each) => each.AlarmName),
    ),
    "CodeDeploy application": itemsOf(paginateListApplications(codeDeploy, {}), (page) => page.applications),
    "deployment configuration": itemsOf(paginateListDeploymentConfigs(codeDeploy, {}), (page) =>
      page.deploymentConfigsList?.filter((name) => !name.startsWith("CodeDeployDefault.")),
    ),
    role: itemsOf(paginateListRoles({ client: new IAMClient(aws) }, {}), (page) =>
      page.Roles?.map((each) => each.RoleName).filter((name) => name !== LOG_ROLE),
    ),
    "log group": logGroups(aws, "/aws/lambda"),
    "scalable target": itemsOf(
      paginateDescribeScalableTargets(
        { client: new ApplicationAutoScalingClient(aws) },
        { ServiceNamespace: "sagemaker" },
      ),
      (page) => page.ScalableTargets?.map((each) => each.ResourceId),
    ),
  };
  const read = Object.entries(kinds).map(async ([kind, names]) => [kind, named(await names)] as const);
  return Object.fromEntries(await Promise.all(read));
}

/** Names of the log groups that begin like this. */
export function logGroups(aws: AwsSettings, logGroupNamePrefix: string): Promise<(string | undefined)[]> {
  return itemsOf(paginateDescribeLogGroups({ client: new CloudWatchLogsClient(aws) }, { logGroupNamePrefix }), (page) =>
    page.logGroups?.map((each) => each.logGroupName),
  );
}

function named(names: readonly (string | undefined)[]): readonly string[] {
  return names.map((name) => name ?? "").sort();
}
