import { DeleteEndpointCommand } from "@aws-sdk/client-sagemaker";
import { z } from "zod";
import { isNoEndpoint, lookAtEndpoint, sageMakerIn } from "./support/endpoint";
import { changed, isKnown, problems, region } from "./support/inputs";
import { explaining, type Provider } from "./support/provider";
import { Waiter, type Timing } from "./support/waiter";

/** Which endpoint must not be there as a failed one. */
export interface FailedEndpointInputs extends Timing {
  region: string;
  endpointName: string;
}

/** SageMaker deletes an endpoint in a minute or two. */
const DEFAULTS: Timing = { pollSeconds: 5, timeoutSeconds: 900 };

const schema = z.strictObject({
  region: region(),
  endpointName: z.string().min(1),
  pollSeconds: z.number().positive(),
  timeoutSeconds: z.number().positive(),
});

const behaviour: Provider<FailedEndpointInputs, FailedEndpointInputs> = {
  async check(_olds, news) {
    const inputs = { ...DEFAULTS, ...news };
    return { inputs, failures: problems(schema, inputs) };
  },

  async diff(_id, olds, news) {
    const replaces = changed(["region", "endpointName"], olds, news);
    return { changes: replaces.length > 0 || (isKnown(news) && (await isInTheWay(news))), replaces };
  },

  async create(inputs) {
    await removeFailed(inputs);
    return { id: inputs.endpointName, outs: inputs };
  },

  // Whether there is a failed endpoint is asked at each update, and is no property.
  async read(id, props) {
    return { id, props };
  },

  async update(_id, _olds, news) {
    await removeFailed(news);
    return { outs: news };
  },

  async delete(_id, props) {
    await removeFailed(props);
  },
};

/** Behaviour of `FailedEndpointRemoval`. */
export const failedEndpointRemoval = explaining(behaviour);

async function isInTheWay(inputs: FailedEndpointInputs): Promise<boolean> {
  const { endpointName } = inputs;
  const sageMaker = sageMakerIn(inputs.region);
  const found = await new Waiter(`endpoint ${endpointName}`, inputs).call(() =>
    lookAtEndpoint(sageMaker, endpointName),
  );
  return found?.EndpointStatus === "Failed" || found?.EndpointStatus === "Deleting";
}

/** Deletes the endpoint if it has failed, and waits until it is gone. Any other is left alone. */
async function removeFailed(inputs: FailedEndpointInputs): Promise<void> {
  const { endpointName: EndpointName, timeoutSeconds } = inputs;
  const sageMaker = sageMakerIn(inputs.region);
  const followed = await new Waiter(`endpoint ${EndpointName}`, inputs).follow({
    look: async () => {
      const found = await lookAtEndpoint(sageMaker, EndpointName);
      if (found?.EndpointStatus === "Failed") {
        await sageMaker((client) => client.send(new DeleteEndpointCommand({ EndpointName }))).catch(unlessGone);
      }
      return found;
    },
    settled: (found) => found?.EndpointStatus !== "Failed" && found?.EndpointStatus !== "Deleting",
    lines: (found) =>
      found?.EndpointStatus === "Failed"
        ? [`it has failed (${found.FailureReason ?? "SageMaker gives no reason"}) and is deleted`]
        : [],
  });
  if (!followed.settled) {
    throw new Error(
      `endpoint ${EndpointName} has failed and is not deleted within timeoutSeconds (${timeoutSeconds}): run pulumi up again`,
    );
  }
}

function unlessGone(error: unknown): void {
  if (!isNoEndpoint(error)) {
    throw error;
  }
}
