import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { DATA_FILES } from "../../lib/model";
import { prepareData } from "../../cli/data/program";
import { ownModel } from "../journey/models";
import { outputDir, root, Run } from "../journey/run";
import { testRows } from "../../cli/data/test-rows";
import { Lane, type LaneSettings, type Trained } from "./lane";
import { play } from "./play";
import type { Scenario } from "./scenario";
import { scenarios } from "./scenarios";
import { selected } from "./selection";
import { tableOf } from "./table";
import type { Row } from "./verdict";

/** Options of `npm run local -- rehearse`. */
export interface RehearseOptions {
  readonly speed: number;
  /** How many scenarios are played at once. */
  readonly lanes: number;
  readonly list?: true;
  readonly json?: true;
}

/** Enough rows for a model that predicts sensibly. */
const ROWS = { files: [], rows: 4000 };

/** Rehearses scenarios and tells what came of each. The exit status: 0 if all came out as they should. */
export async function rehearse(names: readonly string[], options: RehearseOptions): Promise<number> {
  const chosen = selected(scenarios, names);
  if (options.list === true) {
    list(chosen, options.json === true);
    return 0;
  }
  const run = await Run.begin("rehearsals/run.log", options);
  return run.finish(async () => {
    const rows = await rehearseAll(run, chosen, options);
    if (run.isInterrupted) {
      return 130;
    }
    ["", ...tableOf(rows)].forEach((line) => run.steps.line(line));
    const failed = rows.filter(({ ok }) => !ok).length;
    const verdict = failed === 0 ? "all came out as they should" : `${failed} did not come out as they should`;
    run.steps.line(`${rows.length} rehearsed, ${verdict}; ${run.steps.seconds().total} s`);
    if (options.json === true) {
      process.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
    }
    return failed === 0 ? 0 : 1;
  });
}

function list(chosen: readonly Scenario[], json: boolean): void {
  const width = Math.max(...chosen.map(({ name }) => name.length));
  const lines = chosen.map(
    ({ name, tells, expected }) => `${name.padEnd(width)}  ${tells} (live at the end: ${expected})`,
  );
  const data = chosen.map(({ name, tells, expected }) => ({ scenario: name, tells, expected }));
  process.stdout.write(json ? `${JSON.stringify(data, undefined, 2)}\n` : `${lines.join("\n")}\n`);
}

async function rehearseAll(run: Run, chosen: readonly Scenario[], options: RehearseOptions): Promise<readonly Row[]> {
  const tools = await run.tools();
  const model = ownModel();
  const dir = join(outputDir, "rehearsals");
  const dataDir = join(dir, "data");
  await rm(dataDir, { recursive: true, force: true });
  await prepareData(tools.python.python, model, ROWS, dataDir);
  const testCsv = await readFile(join(dataDir, DATA_FILES.test), "utf8");
  let trained: Promise<Trained> | undefined;
  const rehearsal = new Rehearsal(run, chosen, {
    root,
    model,
    dir,
    dataDir,
    rows: testRows(testCsv).map(({ inputs }) => inputs),
    pulumi: tools.pulumi,
    python: tools.python.python,
    speed: options.speed,
    trained: (train) => (trained ??= train()),
  });
  const lanes = Math.min(options.lanes, chosen.length);
  await Promise.all(Array.from({ length: lanes }, () => rehearsal.lane()));
  return rehearsal.rows();
}

/** Scenarios that lanes take one after the other. */
class Rehearsal {
  private readonly queue: { readonly scenario: Scenario; readonly number: number }[];
  private readonly byName = new Map<string, Row>();
  private opened = 0;

  constructor(
    private readonly run: Run,
    private readonly chosen: readonly Scenario[],
    private readonly settings: LaneSettings,
  ) {
    this.queue = chosen.map((scenario, i) => ({ scenario, number: i + 1 }));
  }

  /** Plays the queue, in a new lane whenever a scenario has left no serving one. */
  async lane(): Promise<void> {
    let open: { lane: Lane; number: number; live: string } | undefined;
    for (let next = this.queue.shift(); next !== undefined; next = this.queue.shift()) {
      const { scenario } = next;
      open ??= await this.openLane();
      const { lane, number, live: blue } = open;
      const green = `${next.number}-${scenario.name}`;
      const row = await this.run.steps.run(`lane ${number}: ${scenario.name}`, async ({ update }) => {
        const result = await play(scenario, lane, { blue, green }, update);
        return [this.run.isInterrupted ? "interrupted" : inWords(result), result] as const;
      });
      if (this.run.isInterrupted) {
        return;
      }
      this.byName.set(scenario.name, row);
      if (row.ok && scenario.expected !== "nothing") {
        open.live = scenario.expected === "blue" ? blue : green;
      } else {
        await lane.close();
        open = undefined;
      }
    }
    await open?.lane.close();
  }

  rows(): readonly Row[] {
    return this.chosen.flatMap(({ name }) => this.byName.get(name) ?? []);
  }

  private async openLane(): Promise<{ lane: Lane; number: number; live: string }> {
    const number = ++this.opened;
    const live = `0-lane-${number}`;
    const lane = await this.run.steps.run(`lane ${number}`, async ({ update }) => {
      const opened = await Lane.open(this.settings, number);
      this.run.dependsOn(opened.aws);
      this.run.onClose(() => opened.close());
      update(`first release ${live}`);
      await opened.serve(live);
      return [`release ${live} serves`, opened] as const;
    });
    return { lane, number, live };
  }
}

function inWords({ ok, live, expected, failedRequests, totalRequests, secondsToSafety, problems = [] }: Row): string {
  const requests = `${failedRequests} of ${totalRequests} requests failed, ${secondsToSafety.toFixed(1)} s to safety`;
  return ok
    ? `${live} is live, ${requests}`
    : `NOT OK, ${live} is live (expected ${expected}), ${requests}: ${problems.join("; ")}`;
}
