/** How many rows of callers a release has answered or refused, and how many of them it has refused. */
export interface Tally {
  readonly asked: number;
  readonly refused: number;
}

/** What two releases did with callers' rows in the same minute; `undefined` for one that was not asked. */
export interface Minute {
  readonly green: Tally | undefined;
  readonly blue: Tally | undefined;
}

/** Both of two releases, over the minutes that were compared. */
export interface Comparison {
  readonly green: Tally;
  readonly blue: Tally;
}

/** So many more refusals than expected are needed. Fewer may be one caller's bad luck. */
const LEAST_EXCESS = 8;
/** By so many standard deviations the refusals must exceed what chance would bring: once in some millions of looks. */
const DEVIATIONS = 5;

/**
 * Compares how many of the callers' rows green refuses and blue refuses; `undefined` unless green refuses more by so many percentage points.
 * Rows that both refuse are the callers' own mistake. Callers cannot choose which release they reach, so what they send reaches both by chance,
 * and only what exceeds chance by far counts against green.
 *
 * Each minute is compared by itself (Mantel-Haenszel), since callers and the shares of the traffic change from one to the next. A minute counts
 * only if both releases were asked in it, in the one before and in the one after: in the first and the last, one of them may have served for a
 * part.
 */
export function refusesMore(minutes: readonly Minute[], percentAboveBlue: number): Comparison | undefined {
  const both = minutes.map(({ green, blue }) => (green && blue ? { green, blue } : undefined));
  const isWithin = (i: number) => both[i - 1] !== undefined && both[i + 1] !== undefined;
  const compared = both.flatMap((minute, i) => (minute !== undefined && isWithin(i) ? [minute] : []));
  const green = total(compared.map((minute) => minute.green));
  const blue = total(compared.map((minute) => minute.blue));
  const excess = green.refused - sum(compared.map(expected));
  const deviation = Math.sqrt(sum(compared.map(variance)));
  const isSure = excess >= LEAST_EXCESS && excess > DEVIATIONS * deviation;
  return isSure && 100 * (share(green) - share(blue)) > percentAboveBlue ? { green, blue } : undefined;
}

/** How many refusals would be green's if it refused no more than blue. */
function expected({ green, blue }: Comparison): number {
  return (green.asked * (green.refused + blue.refused)) / (green.asked + blue.asked);
}

/** The variance of that number, by the hypergeometric distribution. */
function variance({ green, blue }: Comparison): number {
  const asked = green.asked + blue.asked;
  const refused = green.refused + blue.refused;
  return (green.asked * blue.asked * refused * (asked - refused)) / (asked * asked * (asked - 1));
}

function total(tallies: readonly Tally[]): Tally {
  return { asked: sum(tallies.map(({ asked }) => asked)), refused: sum(tallies.map(({ refused }) => refused)) };
}

function share({ asked, refused }: Tally): number {
  return asked === 0 ? 0 : refused / asked;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
