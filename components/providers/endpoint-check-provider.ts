import { DescribeEndpointCommand, SageMakerClient, type DescribeEndpointOutput } from "@aws-sdk/client-sagemaker";
import { z } from "zod";
import { caller, clientSettings } from "./support/aws";
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

/** An endpoint takes minutes; one that has not settled in an hour is stuck. */
const DEFAULTS: Timing = { pollSeconds: 15, timeoutSeconds: 3600 };

const schema = z.strictObject({
  region: region(),
  endpointName: z.string().min(1),
  endpointConfigName: z.string().min(1),
  pollSeconds: z.number().positive(),
  timeoutSeconds: z.number().positive(),
});

/**
 * Behaviour of `EndpointCheck`. SageMaker answers an update that failed by going back to the old configuration and calling the endpoint
 * `InService`: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
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

  // A check leaves nothing behind.
  async delete() {
    return;
  },
};

/** @throws where the endpoint does not come to serve the wanted configuration. */
async function verified(inputs: EndpointCheckInputs): Promise<EndpointCheckOutputs> {
  const label = `endpoint ${inputs.endpointName}`;
  const waiter = new Waiter(label, inputs);
  const sageMaker = caller(() => new SageMakerClient(clientSettings(inputs.region)));
  const followed = await waiter.follow({
    look: () => sageMaker((client) => client.send(new DescribeEndpointCommand({ EndpointName: inputs.endpointName }))),
    settled: ({ EndpointStatus }) => EndpointStatus === "InService" || EndpointStatus === "Failed",
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

async function find(inputs: EndpointCheckInputs): Promise<DescribeEndpointOutput | undefined> {
  const sageMaker = caller(() => new SageMakerClient(clientSettings(inputs.region)));
  try {
    return await new Waiter(`endpoint ${inputs.endpointName}`, inputs).call(() =>
      sageMaker((client) => client.send(new DescribeEndpointCommand({ EndpointName: inputs.endpointName }))),
    );
  } catch (error) {
    if (error instanceof Error && /could not find endpoint/i.test(error.message)) {
      return undefined;
    }
    throw error;
  }
}
