import {
  CreateEndpointCommand,
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  UpdateEndpointCommand,
} from "@aws-sdk/client-sagemaker";
import type { Aws, Patience } from "../aws";
import { errorMessage, unlessGone } from "../failures";
import { text } from "../kinds";
import { autoNamed, optional, required } from "../properties";
import { resource } from "../resource";
import { wasRepeated } from "../retries";
import { tagList, tagsArgument } from "../tags";
import { SAGEMAKER_NAME, isGone, sageMaker, sageMakerTagging, sageMakerTags } from "./sagemaker";
import { deploymentArgument, deploymentConfig, deploymentInput } from "./sagemaker-deployment";

const endpoint = resource({
  type: "aws:sagemaker/endpoint:Endpoint",
  inputs: {
    name: autoNamed(text, SAGEMAKER_NAME),
    endpointConfigName: required(text),
    deploymentConfig: optional(deploymentConfig),
    tags: tagsArgument,
  },
  outputs: ["arn"],
  identity: ["name"],
  timeoutSeconds: 3600,
  tagging: sageMakerTagging,
  forgottenUnfinished: true,
  async create({ aws, inputs, tags }) {
    await sageMaker(aws).send(
      new CreateEndpointCommand({
        EndpointName: inputs.name,
        EndpointConfigName: inputs.endpointConfigName,
        DeploymentConfig: inputs.deploymentConfig && deploymentInput(inputs.deploymentConfig),
        Tags: tagList(tags),
      }),
    );
    return inputs.name;
  },
  async settle({ aws, id, patience }) {
    await inService(aws, id, patience);
  },
  // Reads an endpoint as it is: it neither waits for one that is still being made nor tells that one has failed; nor does the AWS provider.
  async read({ aws, id }) {
    const found = await describeEndpoint(aws, id);
    return (
      found && {
        inputs: {
          name: found.EndpointName,
          endpointConfigName: found.EndpointConfigName,
          deploymentConfig: found.LastDeploymentConfig && deploymentArgument(found.LastDeploymentConfig),
        },
        outputs: { arn: found.EndpointArn },
        tags: await sageMakerTags(aws, found.EndpointArn),
      }
    );
  },
  async update({ aws, id: EndpointName, inputs, patience }) {
    const { endpointConfigName: EndpointConfigName, deploymentConfig: deployment } = inputs;
    const DeploymentConfig = deployment && deploymentInput(deployment);
    const request = new UpdateEndpointCommand({ EndpointName, EndpointConfigName, DeploymentConfig });
    await sageMaker(aws)
      .send(request)
      .catch((error: unknown) => {
        // An earlier attempt has begun the update, and only its answer was lost; what it comes to is seen below.
        if (!wasRepeated(error) || !isBusy(error)) {
          throw error;
        }
      });
    const { EndpointConfigName: serving = "", FailureReason } = await inService(aws, EndpointName, patience);
    // SageMaker takes an update back by itself and is "InService" again, with the old configuration.
    if (serving !== EndpointConfigName) {
      const reason = FailureReason ?? "no reason given";
      throw new Error(`SageMaker rolled back to ${serving} from ${EndpointConfigName}: ${reason}`);
    }
  },
  async delete({ aws, id, patience }) {
    // SageMaker refuses it while the endpoint is being created, updated or scaled. The AWS provider does not try that again.
    await unlessGone(isGone, () => sageMaker(aws).send(new DeleteEndpointCommand({ EndpointName: id }))).catch(
      (error: unknown) => {
        // An earlier attempt has begun the deletion, and only its answer was lost.
        if (!wasRepeated(error) || !isBusy(error)) {
          throw error;
        }
      },
    );
    await aws.until(`endpoint ${id} to be gone`, patience, async () =>
      (await describeEndpoint(aws, id)) === undefined ? true : undefined,
    );
  },
});

const isBusy = (error: unknown) =>
  /cannot (delete|update) in-progress|currently (creating|updating)/i.test(errorMessage(error));

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

export const resources = [endpoint];
