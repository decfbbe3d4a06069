import { GetAccountCommand, UpdateAccountCommand } from "@aws-sdk/client-api-gateway";
import { type Aws, PROPAGATION } from "../../aws";
import { errorMessage } from "../../failures";
import { text } from "../../kinds";
import { optional } from "../../properties";
import { resource } from "../../resource";
import { apiGateway, replace } from "./patch";

async function setRole(aws: Aws, role: string): Promise<void> {
  const request = new UpdateAccountCommand({ patchOperations: [replace("/cloudwatchRoleArn", role)] });
  // A role or a policy that was made a moment ago is not known everywhere yet.
  const roleIsNew = (error: unknown) => errorMessage(error).includes("role ARN does not have required permissions");
  await aws.retried(roleIsNew, PROPAGATION, () => apiGateway(aws).send(request));
}

/** The settings of API Gateway in a region, of which there is one set: creating them sets them, deleting them takes the role away. */
const account = resource({
  type: "aws:apigateway/account:Account",
  inputs: { cloudwatchRoleArn: optional(text) },
  outputs: ["apiKeyVersion", "features", "throttleSettings"],
  identity: [],
  async create({ aws, inputs }) {
    await setRole(aws, inputs.cloudwatchRoleArn ?? "");
    return "api-gateway-account";
  },
  async read({ aws }) {
    const found = await apiGateway(aws).send(new GetAccountCommand({}));
    return {
      inputs: { cloudwatchRoleArn: found.cloudwatchRoleArn },
      outputs: {
        apiKeyVersion: found.apiKeyVersion,
        features: found.features ?? [],
        throttleSettings: found.throttleSettings === undefined ? [] : [found.throttleSettings],
      },
    };
  },
  update: ({ aws, inputs }) => setRole(aws, inputs.cloudwatchRoleArn ?? ""),
  delete: ({ aws }) => setRole(aws, ""),
});

export const resources = [account];
