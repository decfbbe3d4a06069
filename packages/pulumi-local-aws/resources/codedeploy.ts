import {
  CodeDeployClient,
  ComputePlatform,
  CreateApplicationCommand,
  CreateDeploymentConfigCommand,
  DeleteApplicationCommand,
  DeleteDeploymentConfigCommand,
  GetApplicationCommand,
  GetDeploymentConfigCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  type TrafficRoutingConfig,
  TrafficRoutingType,
  UntagResourceCommand,
  UpdateApplicationCommand,
} from "@aws-sdk/client-codedeploy";
import type { Aws } from "../aws";
import { unlessGone } from "../failures";
import { block, number, oneOf, text } from "../kinds";
import { autoNamed, optional, required, withDefault } from "../properties";
import { type Tagging, resource } from "../resource";
import { type Tags, fromTagList, tagList, tagsArgument } from "../tags";

export const codeDeploy = (aws: Aws) => aws.client(CodeDeployClient);

export const codeDeployTagging: Tagging = {
  put: ({ aws, arn: ResourceArn }, tags) =>
    codeDeploy(aws).send(new TagResourceCommand({ ResourceArn, Tags: tagList(tags) })),
  remove: ({ aws, arn: ResourceArn }, TagKeys) =>
    codeDeploy(aws).send(new UntagResourceCommand({ ResourceArn, TagKeys })),
};

export async function codeDeployTags(aws: Aws, ResourceArn: string): Promise<Tags> {
  const { Tags } = await codeDeploy(aws).send(new ListTagsForResourceCommand({ ResourceArn }));
  return fromTagList(Tags);
}

/** Deployments of the other platforms are not part of the local AWS. */
const lambdaPlatform = oneOf({ lambda: ComputePlatform.LAMBDA });

const APPLICATION_GONE = ["ApplicationDoesNotExistException"];

const application = resource({
  type: "aws:codedeploy/application:Application",
  inputs: {
    name: autoNamed(text, { maxLength: 100 }, { replaces: false }),
    computePlatform: required(lambdaPlatform, { replaces: true }),
    tags: tagsArgument,
  },
  outputs: ["applicationId", "arn", "githubAccountName", "linkedToGithub"],
  identity: ["name"],
  tagging: codeDeployTagging,
  async create({ aws, inputs: { name: applicationName, computePlatform }, tags }) {
    const request = { applicationName, computePlatform, tags: tagList(tags) };
    const { applicationId = "" } = await codeDeploy(aws).send(new CreateApplicationCommand(request));
    return applicationId;
  },
  async read({ aws, id, inputs: { name: applicationName = id } }) {
    const request = new GetApplicationCommand({ applicationName });
    const found = await unlessGone(APPLICATION_GONE, () => codeDeploy(aws).send(request));
    if (found?.application === undefined) {
      return undefined;
    }
    const { applicationId, computePlatform, gitHubAccountName, linkedToGitHub } = found.application;
    const arn = await aws.arn("codedeploy", `application:${applicationName}`);
    return {
      inputs: { name: found.application.applicationName, computePlatform },
      outputs: {
        applicationId,
        arn,
        githubAccountName: gitHubAccountName ?? "",
        linkedToGithub: linkedToGitHub ?? false,
      },
      tags: await codeDeployTags(aws, arn),
    };
  },
  async update({ aws, olds, inputs: { name: newApplicationName } }) {
    await codeDeploy(aws).send(new UpdateApplicationCommand({ applicationName: olds.name, newApplicationName }));
  },
  async delete({ aws, inputs: { name: applicationName } }) {
    const request = new DeleteApplicationCommand({ applicationName });
    await unlessGone(APPLICATION_GONE, () => codeDeploy(aws).send(request));
  },
});

const CONFIG_GONE = ["DeploymentConfigDoesNotExistException"];

/** Minutes from one step to the next, and percent of the traffic that a step moves. */
const shift = block({ interval: required(number), percentage: required(number) });

/** A deployment configuration never changes: another one takes its place. */
const deploymentConfig = resource({
  type: "aws:codedeploy/deploymentConfig:DeploymentConfig",
  inputs: {
    deploymentConfigName: autoNamed(text, { maxLength: 100 }),
    computePlatform: required(lambdaPlatform, { replaces: true }),
    trafficRoutingConfig: required(
      block({
        type: withDefault(oneOf(TrafficRoutingType), "AllAtOnce"),
        timeBasedCanary: optional(shift),
        timeBasedLinear: optional(shift),
      }),
      { replaces: true },
    ),
  },
  outputs: ["arn", "deploymentConfigId"],
  identity: ["deploymentConfigName"],
  async create({ aws, inputs }) {
    const { type, timeBasedCanary: canary, timeBasedLinear: linear } = inputs.trafficRoutingConfig;
    await codeDeploy(aws).send(
      new CreateDeploymentConfigCommand({
        deploymentConfigName: inputs.deploymentConfigName,
        computePlatform: inputs.computePlatform,
        trafficRoutingConfig: {
          type,
          timeBasedCanary: canary && { canaryInterval: canary.interval, canaryPercentage: canary.percentage },
          timeBasedLinear: linear && { linearInterval: linear.interval, linearPercentage: linear.percentage },
        },
      }),
    );
    return inputs.deploymentConfigName;
  },
  async read({ aws, id: deploymentConfigName }) {
    const request = new GetDeploymentConfigCommand({ deploymentConfigName });
    const found = (await unlessGone(CONFIG_GONE, () => codeDeploy(aws).send(request)))?.deploymentConfigInfo;
    return (
      found && {
        inputs: {
          deploymentConfigName,
          computePlatform: found.computePlatform,
          trafficRoutingConfig: found.trafficRoutingConfig && routingArgument(found.trafficRoutingConfig),
        },
        outputs: {
          arn: await aws.arn("codedeploy", `deploymentconfig:${deploymentConfigName}`),
          deploymentConfigId: found.deploymentConfigId,
        },
      }
    );
  },
  async delete({ aws, id: deploymentConfigName }) {
    const request = new DeleteDeploymentConfigCommand({ deploymentConfigName });
    await unlessGone(CONFIG_GONE, () => codeDeploy(aws).send(request));
  },
});

function routingArgument({ type, timeBasedCanary: canary, timeBasedLinear: linear }: TrafficRoutingConfig) {
  return {
    type,
    timeBasedCanary: canary && { interval: canary.canaryInterval, percentage: canary.canaryPercentage },
    timeBasedLinear: linear && { interval: linear.linearInterval, percentage: linear.linearPercentage },
  };
}

export const resources = [application, deploymentConfig];
