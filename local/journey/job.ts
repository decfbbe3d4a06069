import { ListEndpointsCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { canaryRuns } from "../../cli/canary/runs";
import { prepareData, type Rows } from "../../cli/data/program";
import { requestOf, testRows } from "../../cli/data/test-rows";
import { uploadData } from "../../cli/data/upload";
import type { DriftReport } from "../../cli/drift/report";
import { askEndpoint } from "../../cli/endpoint/ask";
import { answered, evaluate } from "../../cli/endpoint/evaluate";
import { MEASURES } from "../../cli/endpoint/measures";
import { inShort } from "../../cli/support/numbers";
import { bySignature } from "../../cli/traffic/access";
import type { Answer } from "../../cli/traffic/caller";
import { Traffic } from "../../cli/traffic/traffic";
import type { Hyperparameters } from "../../lib/hyperparameters";
import { DATA_FILES, type Model } from "../../lib/model";
import { monitoringNames } from "../../lib/monitoring-names";
import { endpointName, modelPrefix } from "../../lib/release";
import { clientConfig } from "local-aws/core/local";
import type { LocalAws } from "local-aws";
import { setUpAccount, type AccountSetup } from "./account";
import { DriftWatch, LEAST_COMPARED } from "./drift";
import type { AnyStack, PulumiProject } from "./project";
import type { Steps } from "./steps";
import {
  driftInWords,
  measuresOf,
  summarizeTraffic,
  type BadWindow,
  type DriftSummary,
  type Measures,
  type ReleaseSummary,
  type Summary,
} from "./summary";
import { shiftedDay, type Shift } from "./shift";

/** What the main job works with. */
export interface Stage {
  readonly model: Model;
  readonly dataDir: string;
  readonly python: string;
  readonly aws: LocalAws;
  readonly speed: number;
  readonly project: PulumiProject;
  readonly steps: Steps;
}

/** The result of the main job. */
export interface MainJobResult {
  readonly summary: Summary;
  readonly answers: readonly Answer[];
  readonly bad: BadWindow;
  readonly apiUrl: string;
}

/** One of the releases that are brought. */
export interface Release {
  readonly name: string;
  readonly hyperparameters: Hyperparameters;
}

/** The three releases: the model as it is, the model with other hyperparameters, and one whose container will answer errors. */
export function releasesOf({ local: { better, bad } }: Model): readonly [Release, Release, Release] {
  return [
    { name: "release-1", hyperparameters: {} },
    { name: "release-2", ...better },
    { name: "release-3", ...bad },
  ];
}

/** A release that has reached dev. */
export interface Tried {
  /** When it began, by the clock of `performance`. */
  readonly began: number;
  readonly measures: Measures;
}

/** Far below an endpoint's limit. */
const ROWS_PER_REQUEST = 500;

/** The pre-traffic check sends one request. After that the bad release's container fails. */
const GOOD_ANSWERS_OF_THE_BAD_RELEASE = 1;

const metricsSchema = z.record(z.string(), z.number());

/**
 * The parts of the main job that do not depend on how releases are deployed: an account with data, callers, tests of dev, the bad release's
 * fault.
 */
export class Job {
  private readonly answers: Answer[] = [];
  private traffic: Traffic | undefined;
  private testCsv = "";
  private readonly monitor: DriftWatch;

  constructor(readonly stage: Stage) {
    this.monitor = new DriftWatch(stage.aws, stage.model, stage.speed);
  }

  async prepare(given: Rows): Promise<AccountSetup> {
    const { model, python, dataDir, aws, steps } = this.stage;
    return steps.run("data", async (step) => {
      const rows = await prepareData(python, model, given, dataDir);
      const account = await setUpAccount(aws);
      step.update("uploading");
      await uploadData(clientConfig(aws), account.bucket, model, dataDir);
      this.testCsv = await readFile(join(dataDir, DATA_FILES.test), "utf8");
      const { train, validation, test } = rows.splits;
      return [
        `${rows.rowsKept} of ${rows.rowsRead} ${model.local.rowsAre} kept: ${train} to train, ${validation} to validate, ${test} to test`,
        account,
      ] as const;
    });
  }

  /** The metrics of the last release of stack `train`. */
  async trained(name: string): Promise<Measures> {
    const metrics = metricsSchema.parse((await this.stage.project.outputs("train")).metrics);
    const told = Object.entries(metrics).map(([metric, value]) => `${metric} ${inShort(value)}`);
    this.stage.steps.line(`${name}: ${told.join(", ")}`);
    return measuresOf(metrics);
  }

  /** Sends the test split to the release's dev endpoint. */
  async tryDev(name: string, release: string): Promise<Measures> {
    const { aws, model, steps } = this.stage;
    const { measure } = model.local;
    return steps.run(`${name} dev test`, async () => {
      const ask = askEndpoint(clientConfig(aws), endpointName(model.name, "dev", release));
      const tested = await evaluate(testRows(this.testCsv), ask, { rowsPerRequest: ROWS_PER_REQUEST });
      const value = MEASURES[measure](answered(tested));
      return [
        `test split answered, ${measure} ${inShort(value)}`,
        measuresOf({ [`devTest:${measure}`]: value }),
      ] as const;
    });
  }

  /** Makes the container of a release's production endpoint answer errors soon. */
  spoil(release: string): void {
    this.stage.aws.faults.set({
      kind: "model-errors",
      endpoint: endpointName(this.stage.model.name, "prod", release),
      afterInvocations: GOOD_ANSWERS_OF_THE_BAD_RELEASE,
    });
  }

  async output(stack: AnyStack, name: string): Promise<string> {
    return z.string().parse((await this.stage.project.outputs(stack))[name]);
  }

  startTraffic(url: string): void {
    const { model, aws } = this.stage;
    let last = "";
    this.traffic = new Traffic({
      url,
      access: bySignature(clientConfig(aws)),
      requests: testRows(this.testCsv).map((row) => requestOf(model, row)),
      onAnswer: (answer) => {
        this.answers.push(answer);
        const line = `${answer.status} ${answer.endpoint}`;
        this.stage.steps.trafficLine(line, line !== last);
        last = line;
      },
    });
  }

  async stopTraffic(): Promise<void> {
    await this.traffic?.stop();
  }

  /**
   * Callers send a day of what has shifted. Drift must be found in it, and the alarm must fire.
   *
   * @returns `undefined` if there are too few rows to compare
   */
  async drift(shift: Shift): Promise<DriftSummary | undefined> {
    const { model, dataDir, steps } = this.stage;
    const { column, times } = shift;
    const rows = testRows(await readFile(join(dataDir, DATA_FILES.validation), "utf8"));
    if (rows.length < LEAST_COMPARED) {
      steps.line(`no drift: ${rows.length} ${model.local.rowsAre} to validate are too few to compare`);
      return undefined;
    }
    const window = await steps.run("shifted traffic", async () => {
      const requests = shiftedDay(model, shift, rows);
      const sent = await this.monitor.windowOf(async () => this.traffic?.sendAll(requests));
      return [`a day of ${model.local.rowsAre} with ${times} times the ${column}`, sent] as const;
    });
    return steps.run("drift", async () => {
      const [job] = await this.monitor.start(window);
      if (job === undefined) {
        throw new Error("no release has traffic");
      }
      const { rows: compared, features } = await this.monitor.reportOf(job);
      const alarm = await this.monitor.alarm();
      return [
        `${compared} ${model.local.rowsAre} compared: ${driftInWords(features)}; ${alarm} fires`,
        columnsOf(features),
      ] as const;
    });
  }

  async conclude(
    releases: readonly ReleaseSummary[],
    bad: BadWindow,
    apiUrl: string,
    more: Pick<Summary, "pipeline" | "drift" | "retrain">,
  ): Promise<MainJobResult> {
    await this.stopTraffic();
    const { Endpoints } = await new SageMakerClient(clientConfig(this.stage.aws)).send(new ListEndpointsCommand({}));
    const live = await this.output("prod", "liveRelease");
    const { canary: canaryName } = monitoringNames(modelPrefix(this.stage.model.name));
    const canary = await canaryRuns(clientConfig(this.stage.aws), canaryName);
    const summary = {
      releases,
      live: { release: live, endpoint: await this.output("prod", "endpointName") },
      traffic: summarizeTraffic(this.answers, bad),
      endpoints: (Endpoints ?? []).map(({ EndpointName }) => EndpointName ?? ""),
      ...(canary === undefined ? {} : { canary }),
      ...more,
      seconds: this.stage.steps.seconds(),
    };
    return { summary, answers: this.answers, bad, apiUrl };
  }
}

/** What the summary tells of each column. */
function columnsOf(features: DriftReport["features"]): DriftSummary {
  return Object.fromEntries(
    Object.entries(features).map(([name, { distance, psi, violated }]) => [name, { distance, psi, violated }]),
  );
}

export function summarized(
  model: Model,
  release: string,
  { began, measures }: Tried,
  outcome: ReleaseSummary["outcome"],
): ReleaseSummary {
  return {
    id: release,
    outcome,
    reason: null,
    ...measures,
    endpoint: endpointName(model.name, "prod", release),
    seconds: Math.round((performance.now() - began) / 100) / 10,
  };
}
