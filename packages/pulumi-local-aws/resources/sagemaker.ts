import {
  AddTagsCommand,
  ContainerMode,
  CreateModelCommand,
  DeleteModelCommand,
  DeleteTagsCommand,
  DescribeModelCommand,
  ListTagsCommand,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { type Aws, PROPAGATION } from "../aws";
import { errorMessage, errorName, isTaken, unlessGone } from "../failures";
import { block, boolean, map, oneOf, set, text } from "../kinds";
import { autoNamed, optional, required, withDefault } from "../properties";
import { type Tagging, resource } from "../resource";
import { type Tags, fromTagList, tagList, tagsArgument } from "../tags";

/** Longest name of most things in SageMaker. */
export const SAGEMAKER_NAME = { maxLength: 63 };

export const sageMaker = (aws: Aws) => aws.client(SageMakerClient);

/** SageMaker has no error of its own for what does not exist: it is a ValidationException like any other. */
export function isGone(error: unknown): boolean {
  const told = /could not find|does not exist|not found/i.test(errorMessage(error));
  return errorName(error) === "ResourceNotFound" || (errorName(error) === "ValidationException" && told);
}

export const sageMakerTagging: Tagging = {
  put: ({ aws, arn: ResourceArn }, tags) =>
    sageMaker(aws).send(new AddTagsCommand({ ResourceArn, Tags: tagList(tags) })),
  remove: ({ aws, arn: ResourceArn }, TagKeys) => sageMaker(aws).send(new DeleteTagsCommand({ ResourceArn, TagKeys })),
};

export async function sageMakerTags(aws: Aws, ResourceArn: string | undefined): Promise<Tags> {
  const { Tags } = await sageMaker(aws).send(new ListTagsCommand({ ResourceArn }));
  return fromTagList(Tags);
}

const model = resource({
  type: "aws:sagemaker/model:Model",
  inputs: {
    name: autoNamed(text, SAGEMAKER_NAME),
    executionRoleArn: required(text, { replaces: true }),
    primaryContainer: required(
      block({
        image: required(text),
        modelDataUrl: optional(text),
        environment: optional(map(text)),
        mode: withDefault(oneOf(ContainerMode), "SingleModel"),
      }),
      { replaces: true },
    ),
    vpcConfig: optional(block({ subnets: required(set(text)), securityGroupIds: required(set(text)) }), {
      replaces: true,
    }),
    enableNetworkIsolation: withDefault(boolean, false, { replaces: true }),
    tags: tagsArgument,
  },
  outputs: ["arn"],
  identity: ["name"],
  tagging: sageMakerTagging,
  async create({ aws, inputs, tags }) {
    const container = inputs.primaryContainer;
    const request = new CreateModelCommand({
      ModelName: inputs.name,
      ExecutionRoleArn: inputs.executionRoleArn,
      PrimaryContainer: {
        Image: container.image,
        ModelDataUrl: container.modelDataUrl,
        Environment: container.environment,
        Mode: container.mode,
      },
      VpcConfig: inputs.vpcConfig && {
        Subnets: inputs.vpcConfig.subnets,
        SecurityGroupIds: inputs.vpcConfig.securityGroupIds,
      },
      EnableNetworkIsolation: inputs.enableNetworkIsolation,
      Tags: tagList(tags),
    });
    // The AWS provider repeats whatever SageMaker finds wrong. A name that is taken stays so.
    const passes = (error: unknown) => errorName(error) === "ValidationException" && !isTaken(error);
    await aws.retried(passes, PROPAGATION, () => sageMaker(aws).send(request));
    return inputs.name;
  },
  async read({ aws, id }) {
    const found = await unlessGone(isGone, () => sageMaker(aws).send(new DescribeModelCommand({ ModelName: id })));
    if (found === undefined) {
      return undefined;
    }
    const container = found.PrimaryContainer;
    return {
      inputs: {
        name: found.ModelName,
        executionRoleArn: found.ExecutionRoleArn,
        primaryContainer: container && {
          image: container.Image,
          modelDataUrl: container.ModelDataUrl,
          environment: container.Environment,
          mode: container.Mode ?? "SingleModel",
        },
        vpcConfig: found.VpcConfig && {
          subnets: found.VpcConfig.Subnets,
          securityGroupIds: found.VpcConfig.SecurityGroupIds,
        },
        enableNetworkIsolation: found.EnableNetworkIsolation ?? false,
      },
      outputs: { arn: found.ModelArn },
      tags: await sageMakerTags(aws, found.ModelArn),
    };
  },
  async delete({ aws, id }) {
    await unlessGone(isGone, () => sageMaker(aws).send(new DeleteModelCommand({ ModelName: id })));
  },
});

export const resources = [model];
