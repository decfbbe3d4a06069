import {
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  ListTagsForResourceCommand,
  PutRetentionPolicyCommand,
  DeleteRetentionPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  CreateEndpointCommand,
  type DeploymentConfig,
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  type EndpointStatus,
  ListTagsCommand,
  UpdateEndpointCommand,
} from "@aws-sdk/client-sagemaker";
import { AwsError } from "local-aws/core/aws-error";
import { jsonRpcService } from "local-aws/core/json-rpc";
import { operation } from "local-aws/core/operation";

interface LogGroup {
  tags: Record<string, string>;
  retentionInDays?: number;
}

/** CloudWatch Logs with groups in a map that a test may change behind the plugin's back. */
export function fakeLogs(groups: Map<string, LogGroup>) {
  const arnOf = (name: string) => `arn:aws:logs:us-east-1:123456789012:log-group:${name}`;
  const find = (name: string) => {
    const group = groups.get(name);
    if (group === undefined) {
      throw new AwsError("ResourceNotFoundException", "The specified log group does not exist.");
    }
    return group;
  };
  const byArn = (arn: string) => find(arn.slice(arnOf("").length));
  return jsonRpcService("CloudWatchLogs", [
    operation(CreateLogGroupCommand, ({ logGroupName, tags = {} }) => {
      if (groups.has(logGroupName)) {
        throw new AwsError("ResourceAlreadyExistsException", "The specified log group already exists");
      }
      groups.set(logGroupName, { tags });
      return {};
    }),
    operation(DescribeLogGroupsCommand, ({ logGroupNamePrefix = "" }) => ({
      logGroups: [...groups]
        .filter(([name]) => name.startsWith(logGroupNamePrefix))
        .map(([logGroupName, { retentionInDays }]) => ({
          logGroupName,
          retentionInDays,
          arn: `${arnOf(logGroupName)}:*`,
        })),
    })),
    operation(PutRetentionPolicyCommand, ({ logGroupName, retentionInDays }) => {
      if (retentionInDays === 2) {
        throw new AwsError("InvalidParameterException", "2 is not a valid retention");
      }
      find(logGroupName).retentionInDays = retentionInDays;
      return {};
    }),
    operation(DeleteRetentionPolicyCommand, ({ logGroupName }) => {
      delete find(logGroupName).retentionInDays;
      return {};
    }),
    operation(ListTagsForResourceCommand, ({ resourceArn }) => ({ tags: byArn(resourceArn).tags })),
    operation(TagResourceCommand, ({ resourceArn, tags }) => {
      Object.assign(byArn(resourceArn).tags, tags);
      return {};
    }),
    operation(UntagResourceCommand, ({ resourceArn, tagKeys }) => {
      const group = byArn(resourceArn);
      group.tags = Object.fromEntries(Object.entries(group.tags).filter(([key]) => !tagKeys.includes(key)));
      return {};
    }),
    operation(DeleteLogGroupCommand, ({ logGroupName }) => {
      find(logGroupName);
      groups.delete(logGroupName);
      return {};
    }),
  ]);
}

/** An endpoint of the fake SageMaker: its statuses in the order in which they are seen, the last one for ever. */
export interface FakeEndpoint {
  config: string;
  statuses: EndpointStatus[];
  failureReason?: string;
  deployment?: DeploymentConfig;
}

/** SageMaker's endpoints; `behave` says what becomes of one that is created or updated with a configuration. */
export function fakeEndpoints(
  endpoints: Map<string, FakeEndpoint>,
  behave: (config: string, before: FakeEndpoint | undefined) => FakeEndpoint,
) {
  const arnOf = (name: string) => `arn:aws:sagemaker:us-east-1:123456789012:endpoint/${name}`;
  const find = (name: string) => {
    const endpoint = endpoints.get(name);
    if (endpoint === undefined) {
      throw new AwsError("ValidationException", `Could not find endpoint "${arnOf(name)}".`);
    }
    return endpoint;
  };
  return jsonRpcService("SageMaker", [
    operation(CreateEndpointCommand, ({ EndpointName, EndpointConfigName, DeploymentConfig: deployment }) => {
      endpoints.set(EndpointName, { ...behave(EndpointConfigName, undefined), deployment });
      return { EndpointArn: arnOf(EndpointName) };
    }),
    operation(UpdateEndpointCommand, ({ EndpointName, EndpointConfigName, DeploymentConfig: deployment }) => {
      endpoints.set(EndpointName, { ...behave(EndpointConfigName, find(EndpointName)), deployment });
      return { EndpointArn: arnOf(EndpointName) };
    }),
    operation(DescribeEndpointCommand, ({ EndpointName }) => {
      const { config, statuses, failureReason, deployment } = find(EndpointName);
      const EndpointStatus = (statuses.length > 1 ? statuses.shift() : statuses[0])!;
      return {
        EndpointName,
        EndpointArn: arnOf(EndpointName),
        EndpointConfigName: config,
        EndpointStatus,
        FailureReason: failureReason,
        LastDeploymentConfig: deployment,
        CreationTime: new Date(),
        LastModifiedTime: new Date(),
      };
    }),
    operation(ListTagsCommand, () => ({ Tags: [] })),
    operation(DeleteEndpointCommand, ({ EndpointName }) => {
      if (/ing$/.test(find(EndpointName).statuses[0] ?? "")) {
        throw new AwsError("ValidationException", `Cannot update in-progress endpoint "${arnOf(EndpointName)}".`);
      }
      endpoints.delete(EndpointName);
      return {};
    }),
  ]);
}
