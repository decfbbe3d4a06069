import { join } from "node:path";
import type { LocalAws } from "local-aws";
import type { AccountSetup } from "../../../local/journey/account";
import { driftWatch, pipelineConfig } from "../../../local/journey/local-config";
import { stateOf } from "../../../local/journey/pipeline-stack";
import { outputDir, Run } from "../../../local/journey/run";
import { DEFAULT_SPEED, playMainJob, type Played } from "../../../local/journey/run-main-job";
import { ownModel } from "../../../local/journey/models";
import type { DataFolder } from "../../../lib/model";
import { inbox, type Inbox } from "local-aws/testing/inbox";
import { PIPELINE, PipelineLab, watchDenials } from "../../support/pipeline-lab";
import type { Operator } from "../../support/pipeline-operator";
import { SourceFolder } from "../../support/pipeline-source";

/** What the tests with the real builds share, and what each of them leaves for those after it. */
export interface Real {
  /** The main job, as it has ended. */
  readonly played: Played;
  readonly lab: PipelineLab;
  readonly source: SourceFolder;
  readonly operator: Operator;
  /** What people were told since before the first release. */
  readonly told: Inbox;
  /** Release that is live. */
  live: string;
  /** Release that is to come after it. */
  second: string;
}
export type Use = () => Real;

/** Seconds that a stage may take. */
export const STAGE_SECONDS = 180;

/** A command that passes at once, and says which commit it was run for. */
const CHECKS = 'echo "checking $GIT_COMMIT"';

/** Plays the main job in this process, and makes its pipeline ready for people who commit, open pull requests and work by hand. */
export async function startReal(): Promise<Real> {
  const run = await Run.begin("run.log", { quiet: true });
  let end = () => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  let finished = Promise.resolve();
  const close = () => {
    end();
    return finished;
  };
  return new Promise<Real>((ready, fail) => {
    finished = run.finish(async () => {
      ready(await prepare(run, close));
      await ended;
    });
    finished.catch(fail);
  });
}

async function prepare(run: Run, close: () => Promise<void>): Promise<Real> {
  const seen: { aws?: LocalAws; denials?: readonly string[]; account?: AccountSetup; told?: Inbox } = {};
  const played = await playMainJob(
    run,
    { speed: DEFAULT_SPEED },
    {
      onAws: (aws) => Object.assign(seen, { aws, denials: watchDenials(aws, 1000) }),
      async onPipeline(_, account) {
        seen.account = account;
        seen.told = seen.aws && (await inbox(seen.aws, `${PIPELINE}-notifications`));
      },
    },
  );
  const { aws, denials, account, told } = seen;
  if (aws === undefined || denials === undefined || account === undefined || told === undefined) {
    throw new Error("the main job has made no pipeline");
  }
  run.onClose(() => told.close());
  const people = join(outputDir, "pipeline", "people");
  const lab = new PipelineLab({ aws, project: played.project, account, denials, dir: people, close });
  const operator = await lab.operator();
  run.onClose(() => operator.stop());
  const prod = driftWatch(ownModel(), DEFAULT_SPEED);
  const settings = { model: ownModel(), account, state: stateOf(aws), branch: "main", speed: DEFAULT_SPEED, prod };
  await lab.up({ ...pipelineConfig(aws, settings), pullRequests: "true", checks: CHECKS });
  const source = await SourceFolder.clone(join(outputDir, "pipeline", "source.git"), join(people, "source"));
  return { played, lab, source, operator, told, live: played.result.summary.live.release, second: "" };
}

/** Files of a `data-source.zip` for the data that was uploaded. */
export function dataSource({ lab }: Real, hyperparameters: Readonly<Record<string, string>> = {}) {
  const uri = (folder: DataFolder) => `s3://${lab.account.bucket}/${ownModel().dataPrefix}/${folder}`;
  return {
    "inputData.json": {
      TrainingUri: uri("training"),
      ValidationUri: uri("validation"),
      BaselineUri: uri("baseline"),
    },
    "hyperparameters.json": { num_round: "20", ...hyperparameters },
  };
}
