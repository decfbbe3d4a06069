import { ListEndpointsCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { endpointName } from "../../lib/release";
import { model } from "../../model";
import { clientConfig } from "local-aws/core/local";
import type { LocalAws } from "local-aws";
import { prepareData, setUpAccount, uploadData, type AccountSetup, type Trips } from "./data";
import { inputRows, testEndpoint } from "./dev-test";
import type { AnyStack, PulumiProject } from "./project";
import type { Steps } from "./steps";
import { summarizeTraffic, type BadWindow, type PipelineSummary, type ReleaseSummary, type Summary } from "./summary";
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

/** The result of the main job. */
export interface MainJobResult {
  readonly summary: Summary;
  readonly answers: readonly Answer[];
  readonly bad: BadWindow;
  readonly apiUrl: string;
}

/** The three releases: the model as it is, the model with other hyperparameters, and one whose container will answer errors. */
export const RELEASES = [
  { name: "release-1", hyperparameters: {} },
  { name: "release-2", hyperparameters: { eta: "0.15", max_depth: "8" } },
  { name: "release-3", hyperparameters: { max_depth: "10" } },
] as const;
export type Release = (typeof RELEASES)[number];

/** The metrics of a release that has reached dev. */
export type Tried = Pick<ReleaseSummary, "trainRmse" | "validationRmse" | "devTestRmse"> & { readonly began: number };

/** The pre-traffic check sends one request. After that the bad release's container fails. */
const GOOD_ANSWERS_OF_THE_BAD_RELEASE = 1;

const rmse = z.object({ "train:rmse": z.number(), "validation:rmse": z.number() });

/**
 * The parts of the main job that do not depend on how releases are deployed: an account with data, callers, tests of dev, the bad release's
 * fault.
 */
export class Job {
  private readonly answers: Answer[] = [];
  private traffic: Traffic | undefined;
  private testCsv = "";

  constructor(readonly stage: Stage) {}

  async prepare(trips: Trips): Promise<AccountSetup> {
    const { root, python, dataDir, aws, steps } = this.stage;
    return steps.run("data", async (step) => {
      const rows = await prepareData(root, python, trips, dataDir);
      const account = await setUpAccount(aws);
      step.update("uploading");
      await uploadData(aws, account.bucket, dataDir);
      this.testCsv = await readFile(join(dataDir, model.dataFiles.test), "utf8");
      const { train, validation, test } = rows.splits;
      return [
        `${rows.rowsKept} of ${rows.rowsRead} trips kept: ${train} to train, ${validation} to validate, ${test} to test`,
        account,
      ] as const;
    });
  }

  /** The metrics of the last release of stack `train`. */
  async trained(name: string): Promise<Pick<Tried, "trainRmse" | "validationRmse">> {
    const metrics = rmse.parse((await this.stage.project.outputs("train")).metrics);
    const [trainRmse, validationRmse] = [metrics["train:rmse"], metrics["validation:rmse"]];
    this.stage.steps.line(`${name}: train RMSE ${dollars(trainRmse)}, validation RMSE ${dollars(validationRmse)}`);
    return { trainRmse, validationRmse };
  }

  /** Sends the test split to the release's dev endpoint. */
  async tryDev(name: string, release: string): Promise<number> {
    return this.stage.steps.run(`${name} dev test`, async () => {
      const value = await testEndpoint(this.stage.aws, endpointName(model.name, "dev", release), this.testCsv);
      return [`test split answered, RMSE ${dollars(value)}`, value] as const;
    });
  }

  /** Makes the container of a release's production endpoint answer errors soon. */
  spoil(release: string): void {
    this.stage.aws.faults.set({
      kind: "model-errors",
      endpoint: endpointName(model.name, "prod", release),
      afterInvocations: GOOD_ANSWERS_OF_THE_BAD_RELEASE,
    });
  }

  async output(stack: AnyStack, name: string): Promise<string> {
    return z.string().parse((await this.stage.project.outputs(stack))[name]);
  }

  startTraffic(url: string): void {
    let last = "";
    this.traffic = new Traffic({
      url,
      account: this.stage.aws.account,
      requests: inputRows(this.testCsv).map((body) => ({ body })),
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

  async conclude(
    releases: readonly ReleaseSummary[],
    bad: BadWindow,
    apiUrl: string,
    pipeline?: readonly PipelineSummary[],
  ): Promise<MainJobResult> {
    await this.stopTraffic();
    const { Endpoints } = await new SageMakerClient(clientConfig(this.stage.aws)).send(new ListEndpointsCommand({}));
    const live = await this.output("prod", "liveRelease");
    const summary = {
      releases,
      live: { release: live, endpoint: await this.output("prod", "endpointName") },
      traffic: summarizeTraffic(this.answers, bad),
      endpoints: (Endpoints ?? []).map(({ EndpointName }) => EndpointName ?? ""),
      ...(pipeline === undefined ? {} : { pipeline }),
      seconds: this.stage.steps.seconds(),
    };
    return { summary, answers: this.answers, bad, apiUrl };
  }
}

export function summarized(
  release: string,
  { began, ...metrics }: Tried,
  outcome: ReleaseSummary["outcome"],
): ReleaseSummary {
  return {
    id: release,
    outcome,
    reason: null,
    ...metrics,
    endpoint: endpointName(model.name, "prod", release),
    seconds: Math.round((performance.now() - began) / 100) / 10,
  };
}

const dollars = (value: number) => value.toFixed(2);
