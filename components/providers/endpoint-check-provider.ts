import {
  DescribeEndpointCommand,
  UpdateEndpointCommand,
  type DescribeEndpointOutput,
  type EndpointStatus,
} from "@aws-sdk/client-sagemaker";
import { z } from "zod";
import { deploymentConfig } from "./endpoint-deployment";
import { isAtRest, isBusy, lookAtEndpoint, sageMakerIn, serves } from "./support/endpoint";
import type { Provider } from "./support/provider";
import { changed, problems, region } from "./support/inputs";
import { Waiter, type Timing } from "./support/waiter";

/** Which endpoint is to serve which configuration. */
export interface EndpointCheckInputs extends Timing {
  region: string;
  endpointName: string;
  endpointConfigName: string;
  /** How SageMaker replaces the instances when the configuration changes, in Pulumi's form. @default - all at once */
  deploymentConfig?: z.input<typeof deploymentConfig>;
  /** Whether they are as many afterwards as scaling has made them, and not as the configuration says. @default false */
  retainsInstances?: boolean;
}

/** What was found. */
export interface EndpointCheckOutputs extends EndpointCheckInputs {
  /** SageMaker's status of the endpoint when it was last looked at. */
  status: string;
}

/** An endpoint takes minutes. If it has not settled in an hour, it is stuck. */
const DEFAULTS: Timing = { pollSeconds: 15, timeoutSeconds: 3600 };

const schema = z.strictObject({
  region: region(),
  endpointName: z.string().min(1),
  endpointConfigName: z.string().min(1),
  deploymentConfig: deploymentConfig.optional(),
  retainsInstances: z.boolean().optional(),
  pollSeconds: z.number().positive(),
  timeoutSeconds: z.number().positive(),
});

/**
 * Behaviour of `EndpointCheck`. After a failed update SageMaker goes back to the old configuration and reports the endpoint as `InService`:
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
 *
 * It also makes the update, for two reasons. The AWS provider cannot retain the instances that scaling has added
 * (hashicorp/terraform-provider-aws#48990). And it would take back the configuration that SageMaker itself puts in place when it scales.
 */
export const endpointCheck: Provider<EndpointCheckInputs, EndpointCheckOutputs> = {
  async check(_olds, news) {
    const inputs = { ...DEFAULTS, ...news };
    return { inputs, failures: problems(schema, inputs) };
  },

  async diff(_id, olds, news) {
    const replaces = changed(["region", "endpointName"], olds, news);
    const inPlace = changed(["endpointConfigName", "pollSeconds", "timeoutSeconds"], olds, news);
    return { changes: replaces.length + inPlace.length > 0 || olds.status !== "InService", replaces };
  },

  async create(inputs) {
    return { id: inputs.endpointName, outs: await updated(inputs) };
  },

  async read(id, props) {
    const described = props === undefined ? undefined : await find(props);
    if (props === undefined || described === undefined) {
      return {};
    }
    const { region, endpointConfigName, ...timing } = props;
    const sageMaker = sageMakerIn(region);
    const isWanted = await new Waiter(`endpoint ${id}`, timing).call(() =>
      serves(sageMaker, described, endpointConfigName),
    );
    return { id, props: { ...props, status: isWanted ? (described.EndpointStatus ?? "") : "OtherConfiguration" } };
  },

  async update(_id, _olds, news) {
    return { outs: await updated(news) };
  },

  // What depends on the check, such as the scaling, is gone by now, and the endpoint is deleted next.
  async delete(_id, props) {
    await comeToRest(props);
  },
};

/** Whether SageMaker has ended its work on an endpoint, well or not. */
const hasSettled = (status: EndpointStatus | undefined) =>
  status === "InService" || status === "Failed" || status === "OutOfService" || status === "UpdateRollbackFailed";

/** Updates the endpoint if it serves another configuration. @throws if it does not serve the wanted one in the end */
async function updated(inputs: EndpointCheckInputs): Promise<EndpointCheckOutputs> {
  const { endpointName: EndpointName, endpointConfigName: EndpointConfigName, timeoutSeconds } = inputs;
  const label = `endpoint ${EndpointName}`;
  const sageMaker = sageMakerIn(inputs.region);
  let isOrdered = false;
  const update = new UpdateEndpointCommand({
    EndpointName,
    EndpointConfigName,
    DeploymentConfig: inputs.deploymentConfig && deploymentConfig.parse(inputs.deploymentConfig),
    RetainAllVariantProperties: inputs.retainsInstances,
  });
  const followed = await new Waiter(label, inputs).follow({
    look: async () => {
      const found = await sageMaker((client) => client.send(new DescribeEndpointCommand({ EndpointName })));
      const isInService = found.EndpointStatus === "InService";
      const isWanted = isInService && (await serves(sageMaker, found, EndpointConfigName));
      if (isInService && !isWanted && !isOrdered) {
        isOrdered = await sageMaker((client) => client.send(update)).then(() => true, unlessBusy);
        return { ...found, EndpointStatus: "Updating" as const, isWanted };
      }
      return { ...found, isWanted };
    },
    settled: ({ EndpointStatus }) => hasSettled(EndpointStatus),
    lines: ({ EndpointStatus }) =>
      EndpointStatus === undefined || EndpointStatus === "InService" ? [] : [EndpointStatus],
  });
  if (!followed.settled) {
    throw new Error(`${label} has not settled within timeoutSeconds (${timeoutSeconds}): run pulumi up again`);
  }
  const {
    EndpointStatus: status = "",
    EndpointConfigName: actual = "",
    FailureReason: reason,
    isWanted,
  } = followed.seen;
  if (status !== "InService" || !isWanted) {
    throw new Error(
      `${label} is ${status} with configuration ${actual}, not with ${EndpointConfigName}: ${reason ?? "SageMaker gives no reason"}\n` +
        `Its containers log to /aws/sagemaker/Endpoints/${EndpointName}`,
    );
  }
  return { ...inputs, status };
}

/** Scaling can begin between a look and the update. The next look waits for it. */
function unlessBusy(error: unknown): false {
  if (isBusy(error)) {
    return false;
  }
  throw error;
}

function find(inputs: EndpointCheckInputs): Promise<DescribeEndpointOutput | undefined> {
  const { endpointName } = inputs;
  const sageMaker = sageMakerIn(inputs.region);
  return new Waiter(`endpoint ${endpointName}`, inputs).call(() => lookAtEndpoint(sageMaker, endpointName));
}

/** Waits for an update or scaling to end: SageMaker deletes no endpoint meanwhile, and the AWS provider does not try again. */
async function comeToRest(inputs: EndpointCheckInputs): Promise<void> {
  const { endpointName, timeoutSeconds } = inputs;
  const label = `endpoint ${endpointName}`;
  const sageMaker = sageMakerIn(inputs.region);
  const followed = await new Waiter(label, inputs).follow({
    look: () => lookAtEndpoint(sageMaker, endpointName),
    settled: (found) => found === undefined || isAtRest(found),
    lines: (found) =>
      found === undefined || isAtRest(found) ? [] : ["waiting until SageMaker has ended its work on it"],
  });
  if (!followed.settled) {
    throw new Error(`${label} has not come to rest within timeoutSeconds (${timeoutSeconds}): run pulumi again`);
  }
}
