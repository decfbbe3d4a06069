import { APIGatewayClient, GetRestApisCommand } from "@aws-sdk/client-api-gateway";
import { ApplicationAutoScalingClient, DescribeScalableTargetsCommand } from "@aws-sdk/client-application-auto-scaling";
import { CloudWatchClient, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CodeDeployClient, ListApplicationsCommand, ListDeploymentConfigsCommand } from "@aws-sdk/client-codedeploy";
import { IAMClient, paginateListRoles } from "@aws-sdk/client-iam";
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import {
  paginateListEndpointConfigs,
  paginateListEndpoints,
  paginateListModels,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { clientConfig } from "local-aws/core/local";
import type { LocalAws } from "local-aws";

/** Names of everything in AWS, by kind. Jobs and the logs of endpoints are left out, since SageMaker keeps them for ever. */
export type Inventory = Readonly<Record<string, readonly string[]>>;

/** API Gateway goes on writing the logs of other APIs with this role, so it stays where it is. */
const LOG_ROLE = "mlops-api-gateway-logs";

/** SageMaker makes such configurations for endpoints that are scaled, and takes them away with these. */
const SCALED = /^Scaled-/;

/** Reads everything that the stacks create. */
export async function takeInventory(aws: LocalAws): Promise<Inventory> {
  const config = clientConfig(aws);
  const sageMaker = { client: new SageMakerClient(config) };
  const codeDeploy = new CodeDeployClient(config);
  const kinds = {
    endpoint: all(paginateListEndpoints(sageMaker, {}), (page) => page.Endpoints?.map((each) => each.EndpointName)),
    "endpoint configuration": all(paginateListEndpointConfigs(sageMaker, {}), (page) =>
      page.EndpointConfigs?.map((each) => each.EndpointConfigName).filter((name) => !SCALED.test(name ?? "")),
    ),
    model: all(paginateListModels(sageMaker, {}), (page) => page.Models?.map((each) => each.ModelName)),
    function: new LambdaClient(config)
      .send(new ListFunctionsCommand({}))
      .then(({ Functions }) => Functions?.map((each) => each.FunctionName)),
    API: new APIGatewayClient(config)
      .send(new GetRestApisCommand({}))
      .then(({ items }) => items?.map((each) => each.name)),
    alarm: all(paginateDescribeAlarms({ client: new CloudWatchClient(config) }, {}), (page) =>
      page.MetricAlarms?.map((each) => each.AlarmName),
    ),
    "CodeDeploy application": codeDeploy.send(new ListApplicationsCommand({})).then((answer) => answer.applications),
    "deployment configuration": codeDeploy
      .send(new ListDeploymentConfigsCommand({}))
      .then((answer) => answer.deploymentConfigsList?.filter((name) => !name.startsWith("CodeDeployDefault."))),
    role: all(paginateListRoles({ client: new IAMClient(config) }, {}), (page) =>
      page.Roles?.map((each) => each.RoleName).filter((name) => name !== LOG_ROLE),
    ),
    "log group": new CloudWatchLogsClient(config)
      .send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "/aws/lambda" }))
      .then(({ logGroups }) => logGroups?.map((each) => each.logGroupName)),
    "scalable target": new ApplicationAutoScalingClient(config)
      .send(new DescribeScalableTargetsCommand({ ServiceNamespace: "sagemaker" }))
      .then(({ ScalableTargets }) => ScalableTargets?.map((each) => each.ResourceId)),
  };
  const read = Object.entries(kinds).map(async ([kind, names]) => [kind, named(await names)] as const);
  return Object.fromEntries(await Promise.all(read));
}

/** What differs after a failed rollout that went back. Everything must be as before, to the last name. */
export function differences(before: Inventory, after: Inventory): string[] {
  return Object.keys(after).flatMap((kind) => {
    const [old, now] = [before[kind] ?? [], after[kind] ?? []];
    return [
      ...now.filter((name) => !old.includes(name)).map((name) => `${kind} ${name} was left behind`),
      ...old.filter((name) => !now.includes(name)).map((name) => `${kind} ${name} is gone`),
    ];
  });
}

/** What is wrong after a rollout that succeeded. There must be as many of each kind as before, and none of the old release. */
export function remains(before: Inventory, after: Inventory, oldRelease: string): string[] {
  return Object.entries(after).flatMap(([kind, names]) => {
    const old = names.filter((name) => name.includes(oldRelease)).map((name) => `${kind} ${name} was left behind`);
    const count = before[kind]?.length ?? 0;
    return old.length > 0 || count === names.length
      ? old
      : [`there was ${count} of ${kind} before and is ${names.length} now: ${names.join(", ")}`];
  });
}

async function all<Page>(
  pages: AsyncIterable<Page>,
  names: (page: Page) => readonly (string | undefined)[] | undefined,
): Promise<readonly (string | undefined)[]> {
  const found: (string | undefined)[] = [];
  for await (const page of pages) {
    found.push(...(names(page) ?? []));
  }
  return found;
}

function named(names: readonly (string | undefined)[] | undefined): readonly string[] {
  return (names ?? []).map((name) => name ?? "").sort();
}
