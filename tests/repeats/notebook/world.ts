import { dirname, join, resolve } from "node:path";
import { buildImage } from "../../../local/journey/build-image";
import { driftWatch, pipelineConfig } from "../../../local/journey/local-config";
import { ownModel } from "../../../local/journey/models";
import { sourceRepository } from "../../../local/journey/repository";
import { DEFAULT_SPEED } from "../../../local/journey/run-main-job";
import { clientConfig } from "local-aws/core/local";
import { PipelineWatch } from "../../../cli/pipeline/watch";
import { PIPELINE, PipelineLab } from "../../support/pipeline-lab";

const ROOT = resolve(__dirname, "../../..");
const BRANCH = "main";

/** The project's pipeline, with real builds, in an account that has seen no release and has no data yet. */
export async function pipelineWithoutReleases(): Promise<PipelineLab> {
  const command = process.env.SAFE_DEPLOY_PULUMI ?? "";
  const pulumi = { command, pathDir: dirname(command), version: "" };
  const lab = await PipelineLab.start(async (dir) => {
    const { path } = await sourceRepository(ROOT, join(dir, "source.git"));
    return { repository: path, builds: { environment: await buildImage({ pulumi }, dir), timeoutSpeed: 1 } };
  }, DEFAULT_SPEED);
  const model = ownModel();
  const watched = { ...driftWatch(model, DEFAULT_SPEED), canary: "{}", dashboard: "true" };
  const settings = {
    model,
    account: lab.account,
    state: lab.state,
    branch: BRANCH,
    speed: DEFAULT_SPEED,
    prod: watched,
  };
  // A retraining would be an execution beside that of the notebook: the governor is to find no new data.
  const values = pipelineConfig(lab.aws, settings);
  const retrain = JSON.stringify({ requireNewData: true, settleMinutes: 0 });
  await lab.up({ ...values, retrain, checks: "true", notebook: JSON.stringify({ mayApprove: true }) });
  // Who writes to it first makes the state.
  await (await lab.operator()).stop();
  // CodePipeline starts a new pipeline at once, which fails where no data is yet.
  await new PipelineWatch(clientConfig(lab.aws), PIPELINE).idle();
  return lab;
}
