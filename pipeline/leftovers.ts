import { DeleteEndpointCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import type { Stack } from "@pulumi/pulumi/automation";
import { z } from "zod";
import { explained } from "../lib/errors";
import type { Tell } from "./progress";

const ENDPOINT = "aws:sagemaker/endpoint:Endpoint";

const resource = z.looseObject({ type: z.string(), inputs: z.looseObject({ name: z.string().optional() }).optional() });
/** What `pulumi stack export` gives, as far as it is looked at. */
const exported = z.looseObject({
  deployment: z
    .looseObject({
      resources: z.array(resource).optional(),
      pending_operations: z.array(z.looseObject({ type: z.string(), resource })).optional(),
    })
    .nullish(),
});

/**
 * Deletes endpoints that an update which was killed was about to have created, and that no update since has taken over: no state has them,
 * and they cost. What else it may have left costs nothing and is in nobody's way. That one cannot be deleted is told, and no failure.
 */
export async function deleteLeftovers(stack: Stack, tell: Tell): Promise<void> {
  const client = new SageMakerClient();
  for (const name of await endpointsInNoState(stack)) {
    try {
      await client.send(new DeleteEndpointCommand({ EndpointName: name }));
      tell(`deleted endpoint ${name}, which an update that was killed had left`);
    } catch (error) {
      const why = explained(error).message;
      if (!/could not find/i.test(why)) {
        tell(`endpoint ${name}, which an update that was killed may have left, could not be deleted: ${why}`);
      }
    }
  }
}

async function endpointsInNoState(stack: Stack): Promise<readonly string[]> {
  const { deployment } = exported.parse(await stack.exportStack());
  const { resources = [], pending_operations: pending = [] } = deployment ?? {};
  const begun = pending.flatMap((operation) => (operation.type === "creating" ? namesOf([operation.resource]) : []));
  const known = namesOf(resources);
  return [...new Set(begun)].filter((name) => !known.includes(name));
}

function namesOf(resources: readonly z.infer<typeof resource>[]): string[] {
  return resources.flatMap(({ type, inputs }) =>
    type === ENDPOINT && inputs?.name !== undefined ? [inputs.name] : [],
  );
}
