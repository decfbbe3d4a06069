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
  /**
   * Seconds to wait once the endpoint has gone, so that SageMaker can take back its grants of a customer's key while their role is there.
   * @default 0
   */
  grantRetirementSeconds?: number;
}

/** SageMaker deletes an endpoint in a minute or two. */
const DEFAULTS: Timing = { pollSeconds: 5, timeoutSeconds: 900 };

const schema = z.strictObject({
  region: region(),
  endpointName: z.string().min(1),
  grantRetirementSeconds: z.number().nonnegative().optional(),
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
    const differs = changed(["grantRetirementSeconds"], olds, news).length > 0;
    return { changes: replaces.length > 0 || differs || (isKnown(news) && (await isInTheWay(news))), replaces };
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
    await waitForGrants(props);
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

/** Nothing tells that the grants are back, so it waits for as long as that may take. */
async function waitForGrants({ grantRetirementSeconds: seconds = 0, ...inputs }: FailedEndpointInputs): Promise<void> {
  if (seconds > 0) {
    const waiter = new Waiter(`endpoint ${inputs.endpointName}`, inputs);
    waiter.tell(`its role stays for ${seconds} s, in which SageMaker takes back its grants of the key`);
    await waiter.wait(seconds);
  }
}

function unlessGone(error: unknown): void {
  if (!isNoEndpoint(error)) {
    throw error;
  }
}
