import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { z } from "zod";
import { caller, clientSettings } from "../run/aws";
import type { Patience } from "../run/patience";
import type { LambdaRolloutInputs } from "./rollout-inputs";

/** What a hook thinks of a release. */
export type Verdict = z.infer<typeof VERDICT>;

const VERDICT = z.object({ status: z.enum(["Succeeded", "Failed"]), reason: z.string() });

/**
 * Asks a hook directly, outside any deployment: before the first release there is no alias, and without two versions to shift
 * between CodeDeploy has nothing to do. The event has no `DeploymentId`, which tells the hook that its answer is its report.
 *
 * @throws where the function fails, or answers something else than a verdict.
 */
async function askHook(region: string, functionName: string, patience: Patience): Promise<Verdict> {
  const lambda = caller(() => new LambdaClient(clientSettings(region)));
  const { Payload, FunctionError } = await patience.call(() =>
    lambda((client) => client.send(new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify({}) }))),
  );
  const answer = Payload?.transformToString() ?? "";
  if (FunctionError !== undefined) {
    throw new Error(`hook ${functionName} failed (${FunctionError}): ${answer}`);
  }
  const verdict = VERDICT.safeParse(parsed(answer));
  if (!verdict.success) {
    throw new Error(
      `hook ${functionName} must answer {"status": "Succeeded" or "Failed", "reason": "…"}, and answered ${answer}`,
    );
  }
  return verdict.data;
}

/** Asks the pre-traffic hook, where there is one, and tells its verdict. What it says against the release, if anything. */
export async function refusedBy(
  { region, preTrafficHook: hook }: Pick<LambdaRolloutInputs, "region" | "preTrafficHook">,
  patience: Patience,
): Promise<string | undefined> {
  if (hook === undefined) {
    return undefined;
  }
  const { status, reason } = await askHook(region, hook, patience);
  patience.tell(`${hook}: ${status}: ${reason}`);
  return status === "Failed" ? `hook ${hook} refused it: ${reason}` : undefined;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // no JSON is no verdict
  }
}
