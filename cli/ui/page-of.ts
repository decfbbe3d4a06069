import { LocalSwitchboard } from "./local-aws";
import { Look, type Reader, type Readers } from "./look";
import { OrderDesk, type WayBack } from "./orders";
import { readAlarms } from "./readers/alarms";
import { readDashboard } from "./readers/dashboard";
import { readDrift } from "./readers/drift";
import { readEndpoints } from "./readers/endpoints";
import { readHistory } from "./readers/history";
import { PipelineReader } from "./readers/pipeline";
import { readRetrain } from "./readers/retrain";
import { readRollout } from "./readers/rollout";
import { readTraffic } from "./readers/traffic";
import type { About } from "./shown";
import { stopRollout } from "./stop-rollout";
import type { Watched } from "./watched";

/** What a page is made from. */
export interface PageSource extends Omit<Watched, "speed" | "windowSeconds"> {
  readonly region: string;
  readonly account: string;
  /** How long the time is that charts show. @default - six hours, or a quarter of an hour on the local AWS */
  readonly windowSeconds?: number;
  /** @default - a rollout that is under way is stopped, and there is no other way */
  readonly wayBack?: () => Promise<WayBack>;
}

/** What a page shows and does. */
export interface PageParts {
  readonly about: About;
  readonly look: Look;
  readonly orders: OrderDesk;
}

const HOURS_6 = 21_600;
const MINUTES_15 = 900;

/** A model's page: what it shows is asked for often where that costs nothing, on the local AWS. */
export async function pageOf(source: PageSource, env: NodeJS.ProcessEnv): Promise<PageParts> {
  const { model, pipelineName, region, account } = source;
  const local = await LocalSwitchboard.find(source.aws, env);
  const windowSeconds = source.windowSeconds ?? (local === undefined ? HOURS_6 : MINUTES_15);
  const watched: Watched = { ...source, windowSeconds, speed: local?.speed ?? 1 };
  return {
    about: { model, pipelineName, region, account, windowSeconds, localSpeed: local?.speed },
    look: new Look(readersOf(watched, local)),
    orders: new OrderDesk(watched, local, source.wayBack ?? (() => stopRollout(watched))),
  };
}

/** Metrics cost a cent for each thousand that are asked for, and change once a minute. */
function readersOf(watched: Watched, local: LocalSwitchboard | undefined): Readers {
  const every = <T>(seconds: number, localSeconds: number, read: (watched: Watched) => Promise<T>): Reader<T> => ({
    everySeconds: local === undefined ? seconds : localSeconds,
    read: () => read(watched),
  });
  const pipeline = new PipelineReader(watched);
  return {
    pipeline: every(4, 1, () => pipeline.read()),
    rollout: every(10, 1, readRollout),
    traffic: every(60, 2, readTraffic),
    endpoints: every(10, 2, readEndpoints),
    alarms: every(15, 2, readAlarms),
    drift: every(60, 5, readDrift),
    dashboard: every(120, 5, readDashboard),
    retrain: every(30, 5, readRetrain),
    history: every(30, 3, readHistory),
    ...(local === undefined ? {} : { faults: { everySeconds: 2, read: () => local.list() } }),
  };
}
