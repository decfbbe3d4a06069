import { InvokeCommand, LambdaClient, ResourceNotFoundException } from "@aws-sdk/client-lambda";
import { z } from "zod";
import type { AwsSettings } from "./context";

/** How Lambda writes what a function has thrown. */
const thrown = z.object({ errorMessage: z.string() });

/**
 * Calls a function of the project, and returns the JSON that it answers.
 *
 * @param otherwise what to do where there is no such function
 * @throws what the function has thrown
 */
export async function invoke(
  aws: AwsSettings,
  FunctionName: string,
  event: object,
  otherwise: string,
): Promise<unknown> {
  const command = new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) });
  const { FunctionError, Payload } = await new LambdaClient(aws).send(command).catch((error: unknown) => {
    throw error instanceof ResourceNotFoundException
      ? new Error(`there is no function ${FunctionName}: ${otherwise}`, { cause: error })
      : error;
  });
  const said: unknown = JSON.parse(Payload?.transformToString() ?? "null");
  if (FunctionError !== undefined) {
    const { data } = thrown.safeParse(said);
    throw new Error(`${FunctionName} has failed: ${data?.errorMessage ?? JSON.stringify(said)}`);
  }
  return said;
}
