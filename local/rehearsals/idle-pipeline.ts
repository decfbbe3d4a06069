import { retrainRules, pipelineConfig } from "../journey/local-config";
import { clientConfig } from "local-aws/core/local";
import { PipelineWatch } from "../../cli/pipeline/watch";
import { dataFolders, dataSource, startRelease } from "../../cli/release/start";
import { makePipeline, setUpState, stateOf } from "../journey/pipeline-stack";
import type { AccountSetup } from "../journey/account";
import type { PulumiProject } from "../journey/project";
import type { Model } from "../../lib/model";
import type { LocalAws } from "local-aws";

/** Name of the alarm that asks the pipeline of a lane for retrainings. Any may: its retrain governor does not look at it. */
export const ASKING_ALARM = "rehearsed-drift";

/** Where there is to be a pipeline. */
interface Place {
  readonly aws: LocalAws;
  readonly project: PulumiProject;
  readonly account: AccountSetup;
  readonly model: Model;
  readonly speed: number;
}

/**
 * Makes the project's pipeline with its retrain governor. A lane has no repository, so each execution ends in its first stage: what is
 * rehearsed is what starts one.
 */
export async function makeIdlePipeline({ aws, project, account, model, speed }: Place): Promise<void> {
  await setUpState(aws, account);
  const settings = { model, account, state: stateOf(aws), branch: "main", speed, prod: {} };
  const retrain = JSON.stringify({ ...retrainRules(speed), alarmNames: [ASKING_ALARM] });
  const made = await makePipeline(project, { ...pipelineConfig(aws, settings), retrain }, () => undefined);
  const client = clientConfig(aws);
  await startRelease(client, made.pipelineName, dataSource(dataFolders(account.bucket, model.dataPrefix), {}));
  await new PipelineWatch(client, made.pipelineName).idle();
}
