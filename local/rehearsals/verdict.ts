import type { Answer } from "../../cli/traffic/caller";
import type { AliasMoment } from "./alias-watch";
import type { Side } from "./scenario";

/** The result of one rehearsal. */
export interface Row {
  readonly scenario: string;
  /** What is live at the end: `blue`, `green`, `nothing`, or the id of a release that is neither. */
  readonly live: string;
  readonly expected: Side;
  /** Requests of the callers from the scenario's beginning until everything was tidied up, and those that were not answered with 200. */
  readonly failedRequests: number;
  readonly totalRequests: number;
  /** From the fault to the last moment at which a request could reach anything but the expected release; 0 if it never could. */
  readonly secondsToSafety: number;
  readonly ok: boolean;
  /** The problems; absent if there are none. */
  readonly problems?: readonly string[];
}

/** The observations of one rehearsal. Times are milliseconds since 1970. */
export interface Observed {
  readonly scenario: string;
  readonly expected: Side;
  /** Ids of the releases. */
  readonly blue: string;
  readonly green: string;
  /** The scenario's beginning, its end, and the end of tidying up after it. */
  readonly from: number;
  readonly playedAt: number;
  readonly to: number;
  /** When the harm was done; absent if the only fault is the release's own, which begins with its first request. */
  readonly faultAt?: number;
  /** The states of the alias, from before `from` on. Each lasts until the next. */
  readonly timeline: readonly AliasMoment[];
  readonly answers: readonly Answer[];
  /** Other problems. */
  readonly problems: readonly string[];
}

/** The share of the requests that a new release gets at first, and that a bad one may cost. */
const CANARY_SHARE = 0.1;

/** Judges a rehearsal. */
export function rowOf(observed: Observed): Row {
  const { scenario, expected, from, to } = observed;
  const answers = observed.answers.filter(({ sentAt }) => sentAt >= from && sentAt <= to);
  const failed = answers.filter(({ status }) => status !== 200).length;
  const live = liveAtEnd(observed);
  const problems = [
    ...observed.problems,
    ...(live === expected ? [] : [`${live} is live at the end, and ${expected} was to be`]),
    ...tooManyLost(failed, answers.length),
    ...interruptions(answers).map(
      (at) => `no request that was sent at ${clock(at)} was answered: service was interrupted`,
    ),
    ...(expected === "nothing" ? [] : [...gone(observed), ...movedLater(observed)]),
  ];
  return {
    scenario,
    live,
    expected,
    failedRequests: failed,
    totalRequests: answers.length,
    secondsToSafety: secondsToSafety(observed),
    ok: problems.length === 0,
    ...(problems.length === 0 ? {} : { problems }),
  };
}

function liveAtEnd({ timeline, blue, green, playedAt }: Observed): string {
  const last = timeline.findLast(({ at }) => at <= playedAt);
  const shares = Object.entries(last?.shares ?? {}).filter(([, share]) => share > 0);
  const names = shares.map(([release]) => (release === blue ? "blue" : release === green ? "green" : release));
  return names.length === 0 ? "nothing" : names.sort().join(" and ");
}

function tooManyLost(failed: number, total: number): string[] {
  const allowed = Math.ceil(total * CANARY_SHARE);
  return failed <= allowed ? [] : [`${failed} of ${total} requests failed, more than the canary's share of ${allowed}`];
}

/** The seconds, as milliseconds since 1970, in which requests were sent and every one failed. */
function interruptions(answers: readonly Answer[]): number[] {
  const seconds = new Map<number, boolean>();
  for (const { sentAt, status } of answers) {
    const second = Math.floor(sentAt / 1000);
    seconds.set(second, (seconds.get(second) ?? false) || status === 200);
  }
  return [...seconds].filter(([, answered]) => !answered).map(([second]) => second * 1000);
}

function gone({ timeline, from, to }: Observed): string[] {
  const when = timeline.find(({ at, shares }) => at >= from && at <= to && shares === undefined);
  return when === undefined ? [] : [`the alias was gone at ${clock(when.at)}`];
}

function movedLater({ timeline, playedAt, to }: Observed): string[] {
  const when = timeline.find(({ at }) => at > playedAt && at <= to);
  return when === undefined ? [] : [`the alias was moved at ${clock(when.at)}, when all was to be over`];
}

function secondsToSafety({ timeline, expected, blue, green, from, to, faultAt }: Observed): number {
  const wanted = expected === "blue" ? blue : expected === "green" ? green : undefined;
  const exposures = timeline
    .map(({ at, shares }, i) => ({ shares, since: at, until: timeline[i + 1]?.at ?? to }))
    .filter(({ until }) => until > from)
    .filter(({ shares = {} }) => Object.entries(shares).some(([release, share]) => release !== wanted && share > 0));
  const first = exposures[0]?.since ?? to;
  const last = exposures.at(-1)?.until ?? from;
  const seconds = (last - Math.max(from, first, faultAt ?? from)) / 1000;
  return Math.round(Math.max(0, seconds) * 10) / 10;
}

function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}
