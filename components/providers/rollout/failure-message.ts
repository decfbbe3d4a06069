import { explained, type Kept } from "../run/failure";
import { directions, isShifting, named, type AliasState, type FunctionVersion } from "./alias";
import type { Attempt } from "./attempt";
import { failedOutputs, liveSince, settledRelease, type Before } from "./record";
import type { LambdaRolloutInputs } from "./rollout-inputs";
import type { Watch } from "./watch";

/** The alias, and the version that it points to. */
export interface Truth {
  readonly alias: AliasState;
  readonly live: FunctionVersion;
}

/**
 * What is true after a failure, for the state and for the person who reads the error: how the new release did, what serves now and
 * since when, and how to go back.
 */
export async function afterFailure(
  inputs: LambdaRolloutInputs,
  before: Before,
  attempt: Attempt,
  watch: Watch,
  truth: () => Promise<Truth | undefined>,
): Promise<Kept> {
  const properties = failedOutputs(inputs, before, attempt);
  await watch.end();
  const requests = attempt.deployment === undefined ? [] : [await watch.requestsInWords(attempt.deployment)];
  const note = (...lines: readonly string[]) => [...requests, ...lines].join("\n");
  try {
    const found = await truth();
    if (found === undefined) {
      return { properties, note: note("Nothing serves: the alias is gone") };
    }
    const { alias, live } = found;
    const now = { aliasArn: alias.arn, liveRelease: live.release, liveVersion: live.version };
    const since = liveSince(before, attempt, now);
    return {
      properties: { ...properties, ...now, liveSince: since },
      note: note(
        `Live now: ${named(live)}${since === "" ? "" : `, since ${since}`}${isShifting(alias) ? `; the alias ${directions(alias)}` : ""}`,
        ...goingBack(inputs, before, live),
      ),
    };
  } catch (error) {
    return { properties, note: note(`What is live now could not be read (${explained(error).message})`) };
  }
}

function goingBack({ release }: LambdaRolloutInputs, before: Before, live: FunctionVersion): string[] {
  const command = (to: string) => `pulumi config set release ${to} && pulumi up`;
  if (live.release !== release) {
    return [`To go back to it: ${command(live.release)}`];
  }
  const settled = settledRelease(before);
  return settled === undefined || settled === release ? [] : [`To go back to release ${settled}: ${command(settled)}`];
}
