import { setTimeout as sleep } from "node:timers/promises";
import { explained } from "../../lib/errors";
import { releaseEndpoint } from "../serving/endpoints";
import { probe, type Probed } from "../serving/probe";
import { percent, trafficOf } from "../serving/traffic";
import { facts, type Answer } from "../support/answer";
import type { Context } from "../support/context";
import { releaseIdOf } from "./release-id";
import { wayBack } from "./way-back";

export interface RollbackOptions {
  readonly stack: string;
  readonly yes?: boolean;
}

const LOOK_EVERY_MS = 1000;
/** CodeDeploy begins to undo a deployment some seconds after it was stopped. */
const BACK_WITHIN_MS = 120_000;

/** `safe-deploy rollback` */
export async function rollback(
  context: Context,
  id: string | undefined,
  { stack, yes = false }: RollbackOptions,
): Promise<Answer> {
  const { terminal } = context;
  const wanted = id === undefined ? undefined : releaseIdOf(id);
  terminal.progress(`looking at what stack ${stack} serves`);
  const { kind, release, told, go } = await wayBack(context, stack, wanted);
  if (!(await terminal.agree(told, `Go back to release ${release}?`, yes))) {
    throw new Error("nothing was done, since you did not agree");
  }
  terminal.progress(`going back to release ${release}`);
  await go();
  const verified = await verify(context, stack, release);
  const isBack = verified.problems.length === 0;
  return {
    json: { did: kind, ...verified, isBack },
    lines: [
      ...facts({
        release,
        endpoint: `${verified.endpoint}: ${verified.endpointStatus}`,
        traffic: percent(verified.share),
        probe: verified.probe && `${verified.probe.status} by ${verified.probe.endpoint}`,
      }),
      ...(isBack ? [`Stack ${stack} is back on release ${release}.`] : verified.problems),
    ],
    exitStatus: isBack ? 0 : 1,
  };
}

interface Verified {
  readonly release: string;
  readonly share: number;
  readonly endpoint: string;
  readonly endpointStatus: string;
  readonly probe: Probed | undefined;
  /** What is not as it should be. */
  readonly problems: readonly string[];
}

/** Waits until all traffic goes to a release, looks at its endpoint, and asks it. */
async function verify({ aws, model, terminal }: Context, stack: string, release: string): Promise<Verified> {
  const deadline = Date.now() + BACK_WITHIN_MS;
  let share = await shareOf();
  while (share < 1 && Date.now() < deadline) {
    terminal.progress(`${percent(share)} of the traffic goes to release ${release}`);
    await sleep(LOOK_EVERY_MS);
    share = await shareOf();
  }
  const endpoint = await releaseEndpoint(aws, model, stack, release);
  const name = endpoint?.name ?? "its endpoint";
  const status = endpoint?.status ?? "is not there";
  // It has gone back by now, whether or not it can be asked.
  const asked =
    share < 1 ? undefined : await probe(aws, model, stack).catch((error: unknown) => explained(error).message);
  const probed = typeof asked === "string" ? undefined : asked;
  return {
    release,
    share,
    endpoint: name,
    endpointStatus: status,
    probe: probed,
    problems: [
      ...(share < 1 ? [`only ${percent(share)} of the traffic goes to release ${release}`] : []),
      ...(status === "InService" ? [] : [`${name} is not in service: ${status}`]),
      ...(typeof asked === "string" ? [`whether it answers could not be found out: ${asked}`] : []),
      ...(probed === undefined || (probed.status === 200 && probed.endpoint === name)
        ? []
        : [`a request of our own was answered ${probed.status} by ${probed.endpoint}`]),
    ],
  };

  async function shareOf(): Promise<number> {
    return (await trafficOf(aws, model, stack)).find((one) => one.release === release)?.share ?? 0;
  }
}
