import { DescribeEndpointCommand, type DescribeEndpointOutput, type EndpointStatus } from "@aws-sdk/client-sagemaker";
import { z } from "zod";
import { isAtRest, lookAtEndpoint, sageMakerIn } from "./support/endpoint";
import type { Provider } from "./support/provider";
import { changed, problems, region } from "./support/inputs";
import { Waiter, type Timing } from "./support/waiter";

/** Which endpoint is to serve which configuration. */
export interface EndpointCheckInputs extends Timing {
  region: string;
  endpointName: string;
  endpointConfigName: string;
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
  pollSeconds: z.number().positive(),
  timeoutSeconds: z.number().positive(),
});

/**
 * Behaviour of `EndpointCheck`. After a failed update SageMaker goes back to the old configuration and reports the endpoint as `InService`:
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
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
    return { id: inputs.endpointName, outs: await verified(inputs) };
  },

  async read(id, props) {
    const described = props === undefined ? undefined : await find(props);
    if (props === undefined || described === undefined) {
      return {};
    }
    const serves = described.EndpointConfigName === props.endpointConfigName;
    return { id, props: { ...props, status: serves ? (described.EndpointStatus ?? "") : "OtherConfiguration" } };
  },

  async update(_id, _olds, news) {
    return { outs: await verified(news) };
  },

  // What depends on the check, such as the scaling, is gone by now, and the endpoint is deleted next.
  async delete(_id, props) {
    await comeToRest(props);
  },
};

/** Whether SageMaker has ended its work on an endpoint, well or not. */
const hasSettled = (status: EndpointStatus | undefined) =>
  status === "InService" || status === "Failed" || status === "OutOfService" || status === "UpdateRollbackFailed";

/** @throws if the endpoint does not serve the wanted configuration in the end. */
async function verified(inputs: EndpointCheckInputs): Promise<EndpointCheckOutputs> {
  const label = `endpoint ${inputs.endpointName}`;
  const waiter = new Waiter(label, inputs);
  const sageMaker = sageMakerIn(inputs.region);
  const followed = await waiter.follow({
    look: () => sageMaker((client) => client.send(new DescribeEndpointCommand({ EndpointName: inputs.endpointName }))),
    settled: ({ EndpointStatus }) => hasSettled(EndpointStatus),
    lines: ({ EndpointStatus }) =>
      EndpointStatus === undefined || EndpointStatus === "InService" ? [] : [EndpointStatus],
  });
  if (!followed.settled) {
    throw new Error(`${label} has not settled within timeoutSeconds (${inputs.timeoutSeconds}): run pulumi up again`);
  }
  const { EndpointStatus: status = "", EndpointConfigName: actual = "", FailureReason: reason } = followed.seen;
  if (status !== "InService" || actual !== inputs.endpointConfigName) {
    throw new Error(
      `${label} is ${status} with configuration ${actual}, not with ${inputs.endpointConfigName}: ${reason ?? "SageMaker gives no reason"}\n` +
        `Its containers log to /aws/sagemaker/Endpoints/${inputs.endpointName}`,
    );
  }
  return { ...inputs, status };
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
