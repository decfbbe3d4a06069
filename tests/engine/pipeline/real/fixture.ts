import { join } from "node:path";
import { buildImage } from "../../../../local/journey/build-image";
import { prepareData, uploadData } from "../../../../local/journey/data";
import { waits } from "../../../../local/journey/local-config";
import { sourceRepository } from "../../../../local/journey/repository";
import { model } from "../../../../model";
import type { Inbox } from "local-aws/testing/inbox";
import { PipelineLab, pulumiCli, ROOT, SPEED } from "../../../support/pipeline-lab";
import type { Operator } from "../../../support/pipeline-operator";
import { SourceFolder } from "../../../support/pipeline-source";
import { testPython } from "pulumi-engine/testing/python";

/** What the tests with the real builds share, and what each of them leaves for those after it. */
export interface Real {
  readonly lab: PipelineLab;
  readonly source: SourceFolder;
  readonly operator: Operator;
  readonly told: Inbox;
  /** Release that is live. */
  live: string;
  /** Release that is to come after it. */
  second: string;
}
export type Use = () => Real;

/** Seconds that a stage may take. */
export const STAGE_SECONDS = 120;

/** A command that passes at once, and says which commit it was run for. */
const CHECKS = 'echo "checking $GIT_COMMIT"';

/** Everything up to a pipeline that is made of the project's own tree and waits for data. */
export async function startReal(): Promise<Real> {
  const sources: SourceFolder[] = [];
  const lab = await PipelineLab.start(async (dir) => {
    const { path } = await sourceRepository(ROOT, join(dir, "snapshot.git"));
    sources.push(await SourceFolder.clone(path, join(dir, "source")));
    const environment = await buildImage({ pulumi: pulumiCli() }, join(dir, "image"));
    // Builds take here what they take, whatever the clock says.
    return { repository: join(dir, "source"), builds: { environment, timeoutSpeed: 1 } };
  });
  try {
    await prepareData(ROOT, testPython(), { files: [], rows: 4000 }, join(lab.dir, "data"));
    await uploadData(lab.aws, lab.account.bucket, join(lab.dir, "data"));
    const operator = await lab.operator();
    await lab.up({
      pullRequests: "true",
      checks: CHECKS,
      stackConfig: JSON.stringify({ train: waits("train", SPEED), prod: waits("prod", SPEED) }),
    });
    const [source] = sources;
    if (source === undefined) {
      throw new Error("there is no source");
    }
    return { lab, source, operator, told: await lab.inbox(), live: "", second: "" };
  } catch (error) {
    await lab.close();
    throw error;
  }
}

/** Files of a `data-source.zip` for the data that was uploaded. */
export function dataSource({ lab }: Real, hyperparameters: Readonly<Record<string, string>> = {}) {
  const uri = (folder: keyof typeof model.dataFiles) => `s3://${lab.account.bucket}/${model.dataPrefix}/${folder}`;
  return {
    "inputData.json": {
      TrainingUri: uri("training"),
      ValidationUri: uri("validation"),
      BaselineUri: uri("baseline"),
    },
    "hyperparameters.json": { num_round: "20", ...hyperparameters },
  };
}
