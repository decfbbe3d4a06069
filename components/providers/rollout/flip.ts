import { explained } from "../run/failure";
import { Patience } from "../run/patience";
import { Alias, directions, named, sendsAll, type AliasState, type FunctionVersion } from "./alias";
import type { Attempt } from "./attempt";
import type { LambdaRolloutInputs } from "./rollout-inputs";

/** Going back must not fail because a rollout has used up its time: it has some of its own. */
const TIMEOUT_SECONDS = 300;

/** How often somebody else may be faster. */
const ATTEMPTS = 3;

/**
 * Sends all traffic of the alias from one version to another, in one call, and makes sure by reading that it goes there.
 *
 * @throws where the alias sends anything to a third version: somebody else has moved it, and is not fought.
 */
export async function flip(
  inputs: LambdaRolloutInputs,
  from: FunctionVersion,
  to: FunctionVersion,
  tell: (line: string) => void,
): Promise<AliasState> {
  const { functionName, aliasName, pollSeconds } = inputs;
  const patience = new Patience(`${functionName}:${aliasName}`, { pollSeconds, timeoutSeconds: TIMEOUT_SECONDS });
  const alias = new Alias(inputs, patience);
  for (let attempt = 1; ; attempt++) {
    const found = await alias.read();
    if (found !== undefined && sendsAll(found, to.version)) {
      return found;
    }
    if (
      found === undefined ||
      !versionsOf(found).every((version) => version === from.version || version === to.version)
    ) {
      throw new Error(`somebody else has changed the alias: it ${directions(found)}`);
    }
    if (attempt > ATTEMPTS) {
      throw new Error(`the alias ${directions(found)}, though it was told to point to version ${to.version}`);
    }
    tell(`sending all traffic to ${named(to)}`);
    await alias.pointTo(to.version, found.revisionId);
  }
}

/** The versions between which a rollout moves the traffic: from blue to green. */
export interface BlueGreen {
  readonly blue: FunctionVersion;
  readonly green: FunctionVersion;
}

/** Makes sure that all traffic is on blue, and gives the error that says why it is not on green. */
export async function goneBack(
  inputs: LambdaRolloutInputs,
  { blue, green }: BlueGreen,
  attempt: Attempt,
  why: { readonly headline: string; readonly lines: readonly string[]; readonly tell: (line: string) => void },
): Promise<Error> {
  const lines = [...why.lines];
  try {
    await flip(inputs, green, blue, why.tell);
    attempt.wentBack = new Date();
  } catch (error) {
    lines.push(
      `the traffic could not be sent back to ${named(blue)} (${explained(error).message}): ${flipCommand(inputs, blue)}`,
    );
  }
  return notLive(inputs.release, why.headline, lines);
}

/** That a release is not live, and why. */
export function notLive(release: string, headline: string, lines: readonly string[]): Error {
  return new Error([`release ${release} is not live: ${headline}`, ...lines.map((line) => `  ${line}`)].join("\n"));
}

/** What a person types to do the same. */
function flipCommand({ functionName, aliasName, region }: LambdaRolloutInputs, { version }: FunctionVersion): string {
  return (
    `aws lambda update-alias --function-name ${functionName} --name ${aliasName} --function-version ${version} ` +
    `--routing-config AdditionalVersionWeights={} --region ${region}`
  );
}

function versionsOf({ version, weights }: AliasState): string[] {
  return [version, ...Object.keys(weights).filter((other) => (weights[other] ?? 0) > 0)];
}
