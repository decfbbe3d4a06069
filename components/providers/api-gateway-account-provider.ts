import { APIGatewayClient, GetAccountCommand, UpdateAccountCommand } from "@aws-sdk/client-api-gateway";
import { AttachRolePolicyCommand, CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { z } from "zod";
import { answered, caller, clientSettings } from "./support/aws";
import type { Provider } from "./support/provider";
import { changed, isKnown, problems, region, text } from "./support/inputs";
import { Waiter, type Timing } from "./support/waiter";

/** The role with which API Gateway is to write logs, where it has none. */
export interface ApiGatewayAccountInputs extends Timing {
  region: string;
  /** ARN of the role, without a path. It is made if it is not there. */
  roleArn: string;
  /** ARN of the policy that the role gets, if it is made. */
  policyArn: string;
  /** Tags of the role, if it is made. @default - none */
  tags?: Record<string, string>;
}

/** What was found or set. */
export interface ApiGatewayAccountOutputs extends ApiGatewayAccountInputs {
  /** The role that API Gateway has. Empty if somebody has taken it away since. */
  cloudwatchRoleArn: string;
}

/** IAM makes a new role known within seconds. */
const DEFAULTS: Timing = { pollSeconds: 5, timeoutSeconds: 300 };

const schema = z.strictObject({
  region: region(),
  roleArn: text(/^arn:[a-z-]+:iam::\d{12}:role\/[^/]+$/, "the ARN of a role without a path"),
  policyArn: text(/^arn:[a-z-]+:iam::(aws|\d{12}):policy\/./, "the ARN of a policy"),
  tags: z.record(z.string(), z.string()).optional(),
  pollSeconds: z.number().positive(),
  timeoutSeconds: z.number().positive(),
});

/**
 * Behaviour of `ApiGatewayAccount`. An account has one such role per region, for the APIs of everybody. So a role that is there is taken as
 * it is, and none is ever taken away. https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateAccount.html
 */
export const apiGatewayAccount: Provider<ApiGatewayAccountInputs, ApiGatewayAccountOutputs> = {
  async check(_olds, news) {
    const inputs = { ...DEFAULTS, ...news };
    return { inputs, failures: problems(schema, inputs) };
  },

  async diff(_id, olds, news) {
    const replaces = changed(["region"], olds, news);
    // A preview may not know the account of a provider that assumes a role. That is no change.
    const known = (["roleArn", "policyArn", "pollSeconds", "timeoutSeconds"] as const).filter((key) =>
      isKnown(news[key]),
    );
    const inPlace = changed(known, olds, news);
    return { changes: replaces.length + inPlace.length > 0 || olds.cloudwatchRoleArn === "", replaces };
  },

  async create(inputs) {
    return { id: `api-gateway-account-${inputs.region}`, outs: await withRole(inputs) };
  },

  async read(id, props) {
    return props === undefined ? {} : { id, props: { ...props, cloudwatchRoleArn: await roleOf(props) } };
  },

  async update(_id, _olds, news) {
    return { outs: await withRole(news) };
  },

  // Other APIs of the account may need the role.
  async delete() {
    return;
  },
};

async function withRole(inputs: ApiGatewayAccountInputs): Promise<ApiGatewayAccountOutputs> {
  const found = await roleOf(inputs);
  if (found !== "") {
    return { ...inputs, cloudwatchRoleArn: found };
  }
  await setRole(inputs);
  return { ...inputs, cloudwatchRoleArn: inputs.roleArn };
}

/** Empty if there is none. */
async function roleOf(inputs: ApiGatewayAccountInputs): Promise<string> {
  const apiGateway = clientOf(inputs);
  const { cloudwatchRoleArn = "" } = await waiterOf(inputs).call(() =>
    apiGateway((client) => client.send(new GetAccountCommand({}))),
  );
  return cloudwatchRoleArn;
}

async function setRole(inputs: ApiGatewayAccountInputs): Promise<void> {
  const apiGateway = clientOf(inputs);
  const patchOperations = [{ op: "replace", path: "/cloudwatchRoleArn", value: inputs.roleArn }] as const;
  const set = async (): Promise<string> => {
    try {
      await makeRole(inputs);
      await apiGateway((client) => client.send(new UpdateAccountCommand({ patchOperations: [...patchOperations] })));
      return "";
    } catch (error) {
      const isYoung = answered(error, "BadRequestException") && NOT_YET.test(error.message);
      if (isYoung || answered(error, "ConcurrentModificationException")) {
        return error.message;
      }
      throw error;
    }
  };
  const followed = await waiterOf(inputs).follow({
    look: set,
    settled: (refusal) => refusal === "",
    lines: (refusal) => (refusal === "" ? [] : ["waits until IAM knows the role"]),
  });
  if (!followed.settled) {
    throw new Error(
      `API Gateway did not take the role ${inputs.roleArn} within timeoutSeconds (${inputs.timeoutSeconds}): ${followed.seen}`,
    );
  }
}

/** The role may be there: from another region, program or run. */
async function makeRole({ region: name, roleArn, policyArn, tags = {} }: ApiGatewayAccountInputs): Promise<void> {
  const iam = caller(() => new IAMClient(clientSettings(name)));
  const RoleName = roleArn.replace(/^.*\//, "");
  const Statement = [{ Effect: "Allow", Principal: { Service: "apigateway.amazonaws.com" }, Action: "sts:AssumeRole" }];
  const role = new CreateRoleCommand({
    RoleName,
    Description: "API Gateway writes the logs of all APIs",
    AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement }),
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  });
  try {
    await iam((client) => client.send(role));
  } catch (error) {
    if (!answered(error, "EntityAlreadyExistsException")) {
      throw error;
    }
  }
  await iam((client) => client.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: policyArn })));
}

/** What API Gateway says of a role whose policy IAM does not know everywhere yet. */
const NOT_YET = /does not have required permissions|could not successfully write to CloudWatch Logs/i;

const waiterOf = (inputs: ApiGatewayAccountInputs) => new Waiter("log role of API Gateway", inputs);
const clientOf = ({ region: name }: ApiGatewayAccountInputs) =>
  caller(() => new APIGatewayClient(clientSettings(name)));
