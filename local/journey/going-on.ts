import { mkdir, symlink, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import type { LocalAws } from "local-aws";
import { SIGNED_CURL } from "local-aws/core/switchboard";
import type { Model } from "../../lib/model";
import type { MainJobResult } from "./job";
import { folderOf } from "./models";
import type { PipelineOutputs } from "./pipeline-stack";
import type { PulumiProject } from "./project";
import { outputDir } from "./run";

/** What exists after the work of a run with `--keep`. */
export interface Kept {
  readonly aws: LocalAws;
  readonly result: MainJobResult;
  /** The pipeline, if there is one. */
  readonly pipeline: PipelineOutputs | undefined;
  readonly project: PulumiProject;
  readonly model: Model;
  /** A Python that has what the model's programs need. */
  readonly python: string;
}

const STATE_OF_APPROVAL = `stageStates[?stageName=='Approve'].actionStates[0].latestExecution.token`;

/** How to go on by hand, in words. @param pageUrl where the operator's page is */
export function howToGoOn({ result, pipeline }: Kept, pageUrl: string): string[] {
  return [
    `The page to look at, approve, roll back and inject faults: ${pageUrl}`,
    `Running until Ctrl-C. To reach it from another terminal: source ${join(".local", "env")}`,
    "To look around and to act, there: npx safe-deploy --help",
    ...(pipeline === undefined
      ? []
      : [`To release once more: ${releaseByHand()}`, `To approve it when it asks for it: ${approvalByHand()}`]),
    `To see a fault: ${faultByHand(result)}`,
    `To end it: ${SIGNED_CURL} -X DELETE $AWS_ENDPOINT_URL/_local/faults`,
  ];
}

/** Writes `.local/env`, which a shell can source: then `safe-deploy` and `pulumi` work in it as the run has worked. */
export async function writeEnvironment({ aws, result, pipeline, project, model, python }: Kept): Promise<void> {
  const { folder, pathDirs, variables } = project.shell();
  await linkModel(model, folder);
  const own = { SAFE_DEPLOY_PROJECT: folder, SAFE_DEPLOY_PYTHON: python };
  const values = { ...aws.environment, API_URL: result.apiUrl, ...variablesOf(pipeline), ...variables, ...own };
  const lines = [
    ...Object.entries(values).map(([name, value]) => `export ${name}='${value}'`),
    `export PATH='${pathDirs.join(delimiter)}':"$PATH"`,
    ...(pipeline === undefined
      ? []
      : [
          "# A release through the pipeline, by hand: one more of what was released last, and its approval.",
          `# ${releaseByHand()}`,
          `# ${approvalByHand()}`,
        ]),
    "# Faults of the local AWS, by hand: GET lists them, PUT sets one, DELETE ends all.",
    `# ${faultByHand(result)}`,
    `# ${SIGNED_CURL} -X DELETE $AWS_ENDPOINT_URL/_local/faults`,
  ];
  await writeFile(join(outputDir, "env"), `${lines.join("\n")}\n`, { mode: 0o600 });
}

/** The project's folder has the settings alone, and `safe-deploy` looks there for the model too. */
async function linkModel(model: Model, folder: string): Promise<void> {
  const from = folderOf(model);
  // A model from elsewhere has to be named: safe-deploy --model.
  if (from.startsWith("..")) {
    return;
  }
  const link = join(folder, from);
  await mkdir(dirname(link), { recursive: true });
  await symlink(model.folder, link, "dir");
}

function variablesOf(pipeline: PipelineOutputs | undefined): Record<string, string> {
  return pipeline === undefined
    ? {}
    : {
        PIPELINE_NAME: pipeline.pipelineName,
        DATA_SOURCE_URI: pipeline.dataSourceUri,
        NOTIFICATION_TOPIC_ARN: pipeline.topicArn,
      };
}

const releaseByHand = () => `aws s3 cp ${join(".local", "data", "data-source.zip")} $DATA_SOURCE_URI`;

function approvalByHand(): string {
  const token = `$(aws codepipeline get-pipeline-state --name $PIPELINE_NAME --query "${STATE_OF_APPROVAL}" --output text)`;
  return (
    "aws codepipeline put-approval-result --pipeline-name $PIPELINE_NAME --stage-name Approve --action-name Approve " +
    `--result summary=tried,status=Approved --token ${token}`
  );
}

/** How to set a fault by hand, with the switchboard that the rehearsals use too. */
function faultByHand({ summary }: MainJobResult): string {
  const fault = {
    kind: "model-errors",
    endpoint: summary.live.endpoint,
    everyNth: 10,
  };
  return `${SIGNED_CURL} -X PUT $AWS_ENDPOINT_URL/_local/faults -d '${JSON.stringify(fault)}'`;
}
