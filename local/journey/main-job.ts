import { ListEndpointsCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { endpointName } from "../../lib/release";
import { model } from "../../model";
import { clientConfig } from "../core/local";
import type { LocalAws } from "../server";
import { prepareData, setUpAccount, uploadData, type AccountSetup, type Trips } from "./data";
import { inputRows, testEndpoint } from "./dev-test";
import { stackConfig } from "./local-config";
import type { PulumiProject, Stack } from "./project";
import type { Steps } from "./steps";
import { summarizeTraffic, type BadWindow, type ReleaseSummary, type Summary } from "./summary";
import { Traffic, type Answer } from "./traffic";

/** What the main job works with. */
export interface Stage {
  readonly root: string;
  readonly dataDir: string;
  readonly python: string;
  readonly aws: LocalAws;
  readonly speed: number;
  readonly project: PulumiProject;
  readonly steps: Steps;
}

/** What came of it. */
export interface MainJobResult {
  readonly summary: Summary;
  readonly answers: readonly Answer[];
  readonly bad: BadWindow;
  readonly apiUrl: string;
}

/** The three releases: the model as it is, with other hyperparameters, and one whose container will answer errors. */
const RELEASES = [
  { id: "release-1", hyperparameters: {} },
  { id: "release-2", hyperparameters: { eta: "0.15", max_depth: "8" } },
  { id: "release-3", hyperparameters: { max_depth: "10" } },
] as const;
type Release = (typeof RELEASES)[number];

/** The pre-traffic check asks the endpoint once; from then on the bad release's container fails. */
const GOOD_ANSWERS_OF_THE_BAD_RELEASE = 1;

const rmse = z.object({ "train:rmse": z.number(), "validation:rmse": z.number() });

/**
 * The rollout's own probes often find the bad release out before any caller meets it. Here it is to be seen what
 * it costs callers, so it comes without them.
 */
const WITHOUT_PROBES = { probesPerSecond: "0" };

/** Trains, deploys, replaces and rolls back, as a user would with `pulumi up`, while a client sends requests. */
export async function mainJob(stage: Stage, trips: Trips): Promise<MainJobResult> {
  const run = new MainJob(stage);
  try {
    return await run.play(trips);
  } finally {
    await run.stopTraffic();
  }
}

/** The metrics of a release that has reached dev. */
type Trained = Pick<ReleaseSummary, "trainRmse" | "validationRmse" | "devTestRmse"> & { readonly began: number };

class MainJob {
  private readonly answers: Answer[] = [];
  private traffic: Traffic | undefined;
  private account: AccountSetup = { bucket: "", kmsKeyArn: "" };
  private testCsv = "";

  constructor(private readonly stage: Stage) {}

  async play(trips: Trips): Promise<MainJobResult> {
    const [first, second, third] = RELEASES;
    await this.prepare(trips);

    const trainedFirst = await this.trainAndTry(first);
    await this.succeed("prod", first, "first release goes live");
    const apiUrl = await this.output("prod", "apiUrl");
    this.startTraffic(apiUrl);
    const releases = [summarized(first, trainedFirst, "replaced")];

    const trainedSecond = await this.trainAndTry(second);
    await this.succeed("prod", second, "10 %, wait, 100 %; then release 1 is removed");
    releases.push(summarized(second, trainedSecond, "live"));

    const trainedThird = await this.trainAndTry(third);
    const { bad, reason } = await this.fail(third);
    releases.push({ ...summarized(third, trainedThird, "rolled-back"), reason });
    await this.succeed(
      "prod",
      second,
      "one more up with the release that is live; release 3 is removed",
      "back to release-2 prod",
    );
    await this.succeed("dev", second, "dev follows", "back to release-2 dev");

    await this.stopTraffic();
    const summary = await this.summarize(releases, bad);
    return { summary, answers: this.answers, bad, apiUrl };
  }

  async stopTraffic(): Promise<void> {
    await this.traffic?.stop();
  }

  private async prepare(trips: Trips): Promise<void> {
    const { root, python, dataDir, aws, steps } = this.stage;
    await steps.run("data", async (step) => {
      const rows = await prepareData(root, python, trips, dataDir);
      this.account = await setUpAccount(aws);
      step.update("uploading");
      await uploadData(aws, this.account.bucket, dataDir);
      this.testCsv = await readFile(join(dataDir, model.dataFiles.test), "utf8");
      const { train, validation, test } = rows.splits;
      return `${rows.rowsKept} of ${rows.rowsRead} trips kept: ${train} to train, ${validation} to validate, ${test} to test`;
    });
  }

  /** Train, quality gate, dev endpoint, test split. */
  private async trainAndTry(release: Release): Promise<Trained> {
    const began = performance.now();
    await this.succeed("train", release, "training job and baseline job, quality gate");
    const metrics = rmse.parse((await this.stage.project.outputs("train")).metrics);
    this.stage.steps.line(
      `${release.id}: train RMSE ${dollars(metrics["train:rmse"])}, validation RMSE ${dollars(metrics["validation:rmse"])}`,
    );
    await this.succeed("dev", release, "endpoint in service");
    const devTestRmse = await this.stage.steps.run(`${release.id} dev test`, async () => {
      const value = await testEndpoint(this.stage.aws, await this.output("dev", "endpointName"), this.testCsv);
      return [`test split answered, RMSE ${dollars(value)}`, value] as const;
    });
    return { began, trainRmse: metrics["train:rmse"], validationRmse: metrics["validation:rmse"], devTestRmse };
  }

  private async succeed(stack: Stack, release: Release, what: string, step = `${release.id} ${stack}`): Promise<void> {
    await this.stage.steps.run(step, async ({ update }) => {
      const result = await this.up(stack, release, update);
      if (!result.ok) {
        throw new Error(result.errors.join("\n"));
      }
      return what;
    });
  }

  /** The bad release: its update has to fail, and to say why. */
  private async fail(release: Release): Promise<{ bad: BadWindow; reason: string }> {
    this.stage.aws.faults.set({
      kind: "model-errors",
      endpoint: endpointName(model.name, "prd", release.id),
      afterInvocations: GOOD_ANSWERS_OF_THE_BAD_RELEASE,
    });
    const from = Date.now();
    const reason = await this.stage.steps.run(`${release.id} prod`, async ({ update }) => {
      const result = await this.up("prod", release, update, WITHOUT_PROBES);
      if (result.ok) {
        throw new Error(`${release.id} went live although its container answers errors`);
      }
      const told = result.errors.join("\n");
      return [`refused, as it should be: ${told.split("\n")[0] ?? ""}`, told] as const;
    });
    return { bad: { from, to: Date.now() }, reason };
  }

  private async up(
    stack: Stack,
    release: Release,
    onProgress: (line: string) => void,
    values: Readonly<Record<string, string>> = {},
  ) {
    const { project, speed } = this.stage;
    await project.configure(stack, { ...stackConfig(stack, release, this.account, speed), ...values });
    return project.up(stack, onProgress);
  }

  private async output(stack: Stack, name: string): Promise<string> {
    return z.string().parse((await this.stage.project.outputs(stack))[name]);
  }

  private startTraffic(url: string): void {
    let last = "";
    this.traffic = new Traffic({
      url,
      account: this.stage.aws.account,
      rows: inputRows(this.testCsv),
      onAnswer: (answer) => {
        this.answers.push(answer);
        const line = `${answer.status} ${answer.endpoint}`;
        this.stage.steps.trafficLine(line, line !== last);
        last = line;
      },
    });
  }

  private async summarize(releases: readonly ReleaseSummary[], bad: BadWindow): Promise<Summary> {
    const { Endpoints } = await new SageMakerClient(clientConfig(this.stage.aws)).send(new ListEndpointsCommand({}));
    const live = await this.output("prod", "liveRelease");
    return {
      releases,
      live: { release: live, endpoint: await this.output("prod", "endpointName") },
      traffic: summarizeTraffic(this.answers, bad),
      endpoints: (Endpoints ?? []).map(({ EndpointName }) => EndpointName ?? ""),
      seconds: this.stage.steps.seconds(),
    };
  }
}

function summarized(release: Release, trained: Trained, outcome: ReleaseSummary["outcome"]): ReleaseSummary {
  const { began, ...metrics } = trained;
  return {
    id: release.id,
    outcome,
    reason: null,
    ...metrics,
    endpoint: endpointName(model.name, "prd", release.id),
    seconds: Math.round((performance.now() - began) / 100) / 10,
  };
}

const dollars = (value: number) => value.toFixed(2);
