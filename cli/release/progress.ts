import { newestRollout } from "../serving/rollout";
import { requestsSince, type RequestCounts } from "../serving/requests";
import { percent, trafficOf, type Watched } from "../serving/traffic";
import { durationOf } from "../support/answer";
import type { Context } from "../support/context";
import { counted, inShort } from "../support/numbers";
import type { Line } from "../support/terminal";
import { baselineStatusOf, trainingOf } from "./training";

/** What to look at while a stage is under way. */
export interface StageUnderWay {
  readonly release: string;
  readonly name: string;
  /** When it began. */
  readonly startedAt: string | undefined;
}

/** The stack that stage `DeployProd` deploys. */
const PROD = "prod";

/** What goes on in a stage beside its build: the jobs of Train, the rollout of DeployProd. */
export async function progressOf(context: Context, stage: StageUnderWay): Promise<Line[]> {
  switch (stage.name) {
    case "Train":
      return jobsOf(context, stage.release);
    case "DeployProd":
      return shiftOf(context, stage);
    default:
      return [];
  }
}

async function jobsOf({ aws, model }: Context, release: string): Promise<Line[]> {
  const [training, baseline] = await Promise.all([
    trainingOf(aws, model, release),
    baselineStatusOf(aws, model, release),
  ]);
  const lines: Line[] = [];
  if (training !== undefined) {
    const { jobName, status, secondaryStatus, seconds, metrics } = training;
    const told = Object.entries(metrics).map(([name, value]) => `${name} ${inShort(value)}`);
    lines.push({
      text: `training job ${jobName}: ${status === secondaryStatus ? status : `${status}, ${secondaryStatus}`}`,
      detail: [...(seconds === undefined ? [] : [durationOf(seconds)]), ...told].join(", "),
    });
  }
  return baseline === undefined ? lines : [...lines, { text: `baseline job: ${baseline}` }];
}

async function shiftOf({ aws, model }: Context, { startedAt }: StageUnderWay): Promise<Line[]> {
  const since = startedAt === undefined ? undefined : new Date(startedAt);
  const [rollout, traffic] = await Promise.all([newestRollout(aws, model, PROD, since), trafficOf(aws, model, PROD)]);
  if (rollout === undefined) {
    return [];
  }
  const from = new Date(rollout.startedAt ?? Date.now());
  const releases = traffic.map(({ release }) => release);
  const counts = await requestsSince(aws, { model, stack: PROD }, releases, from);
  const { deploymentId, status, why } = rollout;
  return [
    { text: `deployment ${deploymentId}: ${status}${why === undefined ? "" : `: ${why}`}` },
    ...traffic.map((one) => sideOf(one, counts.get(one.release))),
  ];
}

function sideOf({ release, endpointName, share }: Watched, counts: RequestCounts | undefined): Line {
  const { requests = 0, faults = 0 } = counts ?? {};
  return {
    text: `${percent(share)} of the traffic goes to release ${release} at ${endpointName}`,
    detail: `${counted(requests)} requests, ${counted(faults)} failed by the model`,
  };
}
