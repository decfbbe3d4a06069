import {
  AddTagsCommand,
  ContainerMode,
  CreateEndpointCommand,
  CreateModelCommand,
  DeleteEndpointCommand,
  DeleteModelCommand,
  DeleteTagsCommand,
  DescribeEndpointCommand,
  DescribeModelCommand,
  ListTagsCommand,
  SageMakerClient,
  UpdateEndpointCommand,
} from "@aws-sdk/client-sagemaker";
import type { Aws, Patience } from "../aws";
import { errorMessage, errorName, unlessGone } from "../failures";
import { block, boolean, map, oneOf, text } from "../kinds";
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
    enableNetworkIsolation: withDefault(boolean, false, { replaces: true }),
    tags: tagsArgument,
  },
  outputs: ["arn"],
  identity: ["name"],
  tagging: sageMakerTagging,
  async create({ aws, inputs, tags }) {
    const container = inputs.primaryContainer;
    await sageMaker(aws).send(
      new CreateModelCommand({
        ModelName: inputs.name,
        ExecutionRoleArn: inputs.executionRoleArn,
        PrimaryContainer: {
          Image: container.image,
          ModelDataUrl: container.modelDataUrl,
          Environment: container.environment,
          Mode: container.mode,
        },
        EnableNetworkIsolation: inputs.enableNetworkIsolation,
        Tags: tagList(tags),
      }),
    );
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

const endpoint = resource({
  type: "aws:sagemaker/endpoint:Endpoint",
  inputs: {
    name: autoNamed(text, SAGEMAKER_NAME),
    endpointConfigName: required(text),
    tags: tagsArgument,
  },
  outputs: ["arn"],
  identity: ["name"],
  timeoutSeconds: 3600,
  tagging: sageMakerTagging,
  async create({ aws, inputs: { name: EndpointName, endpointConfigName: EndpointConfigName }, tags }) {
    await sageMaker(aws).send(new CreateEndpointCommand({ EndpointName, EndpointConfigName, Tags: tagList(tags) }));
    return EndpointName;
  },
  async settle({ aws, id, patience }) {
    await inService(aws, id, patience);
  },
  async read({ aws, id }) {
    const found = await describeEndpoint(aws, id);
    return (
      found && {
        inputs: { name: found.EndpointName, endpointConfigName: found.EndpointConfigName },
        outputs: { arn: found.EndpointArn },
        tags: await sageMakerTags(aws, found.EndpointArn),
        broken: found.EndpointStatus === "Failed" ? failed(id, found.FailureReason) : undefined,
      }
    );
  },
  async update({ aws, id: EndpointName, inputs: { endpointConfigName: EndpointConfigName }, patience }) {
    await sageMaker(aws).send(new UpdateEndpointCommand({ EndpointName, EndpointConfigName }));
    const { EndpointConfigName: serving = "", FailureReason } = await inService(aws, EndpointName, patience);
    // SageMaker takes an update back by itself and is "InService" again, with the old configuration.
    if (serving !== EndpointConfigName) {
      const reason = FailureReason ?? "no reason given";
      throw new Error(`SageMaker rolled back to ${serving} from ${EndpointConfigName}: ${reason}`);
    }
  },
  async delete({ aws, id, patience }) {
    // An endpoint cannot be deleted while it is being created or updated.
    const busy = (error: unknown) =>
      /cannot (delete|update) in-progress|currently (creating|updating)/i.test(errorMessage(error));
    await aws.retried(busy, patience, () =>
      unlessGone(isGone, () => sageMaker(aws).send(new DeleteEndpointCommand({ EndpointName: id }))),
    );
    await aws.until(`endpoint ${id} to be gone`, patience, async () =>
      (await describeEndpoint(aws, id)) === undefined ? true : undefined,
    );
  },
});

function describeEndpoint(aws: Aws, EndpointName: string) {
  return unlessGone(isGone, () => sageMaker(aws).send(new DescribeEndpointCommand({ EndpointName })));
}

function failed(id: string, reason: string | undefined): string {
  return `endpoint ${id} failed: ${reason ?? "no reason given"}`;
}

/** Waits until the endpoint is at rest. @throws with SageMaker's reason where it has failed */
function inService(aws: Aws, id: string, patience: Patience) {
  return aws.until(`endpoint ${id} to be InService`, patience, async () => {
    const endpoint = await describeEndpoint(aws, id);
    switch (endpoint?.EndpointStatus) {
      case undefined:
        throw new Error(`endpoint ${id} was deleted by somebody else`);
      case "InService":
        return endpoint;
      case "Failed":
      case "OutOfService":
      case "UpdateRollbackFailed":
        throw new Error(failed(id, endpoint.FailureReason));
      default:
        return undefined;
    }
  });
}

export const resources = [model, endpoint];
