import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import * as z from "zod/mini";
import { VARIABLES } from "../lib/contract";
import { setting } from "./settings";

const lambda = new LambdaClient({ maxAttempts: 3, requestHandler: { connectionTimeout: 1000 } });

const VERDICT = z.object({ status: z.enum(["Succeeded", "Failed"]), reason: z.string() });
const ERROR = z.object({ errorMessage: z.string() });

/**
 * Asks the function that `OWN_HOOK` names, if there is one, with `{ release, endpointName }`, and gives what it found. Throws what is wrong,
 * by its verdict, or that it gave none.
 */
export async function askOwnHook(abortSignal: AbortSignal): Promise<readonly string[]> {
  const name = process.env[VARIABLES.ownHook] ?? "";
  if (name === "") {
    return [];
  }
  const asked = { release: setting(VARIABLES.release), endpointName: setting(VARIABLES.endpointName) };
  const command = new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(asked) });
  const { FunctionError, Payload } = await lambda.send(command, { abortSignal });
  const answer = parsed(new TextDecoder().decode(Payload));
  if (FunctionError !== undefined) {
    throw new Error(`hook ${name} failed: ${ERROR.safeParse(answer).data?.errorMessage ?? FunctionError}`);
  }
  const { data: verdict } = VERDICT.safeParse(answer);
  if (verdict === undefined) {
    throw new Error(`hook ${name} gave no verdict: it must answer {"status":"Succeeded" or "Failed","reason":"…"}`);
  }
  if (verdict.status === "Failed") {
    throw new Error(`hook ${name}: ${verdict.reason}`);
  }
  return [`hook ${name}: ${verdict.reason}`];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no JSON is no verdict
  }
}
