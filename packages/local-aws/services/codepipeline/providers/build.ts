import {
  BatchGetBuildsCommand,
  CodeBuildClient,
  StartBuildCommand,
  type Build,
  type ProjectArtifacts,
} from "@aws-sdk/client-codebuild";
import type { ArtifactDetail } from "@aws-sdk/client-codepipeline";
import { messageOf } from "../../../core/failure";
import { initiatedBy } from "../../../core/initiator";
import { clientConfig } from "../../../core/local";
import { pause } from "../../../core/waiting";
import { buildVariables } from "../action-configuration";
import { ActionFailure, callFailure } from "../failure";
import { noteExternal, type ActionWork } from "./provider";

/** How often CodePipeline looks what became of a build. AWS's time. */
const POLL_SECONDS = 10;

/** Build or test by CodeBuild. What the build exports becomes the action's output variables. */
export async function codeBuildAction(work: ActionWork): Promise<Record<string, string>> {
  const client = new CodeBuildClient(clientConfig(work.local, work.session));
  client.middlewareStack.use(initiatedBy(`codepipeline/${work.run.execution.pipelineName}`));
  try {
    const build = await ended(client, work, await start(client, work));
    if (build.buildStatus !== "SUCCEEDED") {
      throw new ActionFailure("JobFailed", failureOf(build));
    }
    const exported = build.exportedEnvironmentVariables ?? [];
    return Object.fromEntries(exported.map(({ name = "", value = "" }) => [name, value]));
  } finally {
    client.destroy();
  }
}

async function start(client: CodeBuildClient, work: ActionWork): Promise<string> {
  const { run, configuration, inputs, outputs, store } = work;
  const [first] = inputs;
  const primary = inputs.find(({ name }) => name === configuration.PrimarySource) ?? first;
  const variables = configuration.EnvironmentVariables;
  const isSingle = outputs.length === 1;
  const command = new StartBuildCommand({
    projectName: configuration.ProjectName,
    idempotencyToken: run.id,
    sourceTypeOverride: "CODEPIPELINE",
    sourceLocationOverride: locationOf(primary ?? {}),
    sourceVersion: run.execution.revisions.find(({ artifactName }) => artifactName === primary?.name)?.revisionId,
    secondarySourcesOverride: inputs
      .filter((input) => input !== primary)
      .map((input) => ({ type: "CODEPIPELINE", location: locationOf(input), sourceIdentifier: input.name })),
    // A single output is the buildspec's main artifact; of several each is the secondary one of its name.
    artifactsOverride: { type: "CODEPIPELINE", ...(isSingle ? targetOf(outputs[0] ?? {}) : {}) },
    secondaryArtifactsOverride: isSingle ? [] : outputs.map(targetOf),
    encryptionKeyOverride: store.encryptionKey?.id,
    environmentVariablesOverride: variables === undefined ? [] : variablesOf(work, variables),
  });
  try {
    const { build } = await client.send(command);
    noteBuild(work, build ?? {});
    return build?.id ?? "";
  } catch (error) {
    throw callFailure("Error calling startBuild", error);
  }
}

async function ended(client: CodeBuildClient, work: ActionWork, id: string): Promise<Build> {
  for (;;) {
    const { builds = [] } = await client.send(new BatchGetBuildsCommand({ ids: [id] })).catch((error: unknown) => {
      throw callFailure("Error calling batchGetBuilds", error);
    });
    const [build = {}] = builds;
    noteBuild(work, build);
    if (build.buildComplete === true) {
      return build;
    }
    await pause(work.local.clock, POLL_SECONDS, work.signal);
  }
}

function variablesOf({ run }: ActionWork, json: string) {
  try {
    // By now its variables are resolved, whose values may have broken the JSON.
    return buildVariables(run.action.name ?? "", json).map(({ name, value }) => ({ name, value }));
  } catch (error) {
    throw new ActionFailure("InvalidConfiguration", messageOf(error));
  }
}

function noteBuild(work: ActionWork, { id = "", logs }: Build): void {
  const { region } = work.local.account;
  const [project = ""] = id.split(":");
  noteExternal(work, {
    externalExecutionId: id,
    externalExecutionUrl: `https://console.aws.amazon.com/codebuild/home?region=${region}#/builds/${id}/view/new`,
    externalExecutionSummary: project,
    logStreamARN: logs?.cloudWatchLogsArn,
  });
}

/** Such as `Build terminated with state: FAILED. Phase: BUILD, Code: COMMAND_EXECUTION_ERROR, Message: …`. */
function failureOf({ buildStatus, phases = [] }: Build): string {
  const text = `Build terminated with state: ${buildStatus ?? ""}`;
  const phase = phases.find(({ phaseStatus }) => phaseStatus !== undefined && phaseStatus !== "SUCCEEDED");
  const [context] = phase?.contexts ?? [];
  return context === undefined
    ? text
    : `${text}. Phase: ${phase?.phaseType ?? ""}, Code: ${context.statusCode ?? ""}, Message: ${context.message ?? ""}`;
}

const locationOf = ({ s3location }: ArtifactDetail) => `${s3location?.bucket ?? ""}/${s3location?.key ?? ""}`;

function targetOf({ name, s3location }: ArtifactDetail): ProjectArtifacts {
  return { type: "CODEPIPELINE", location: s3location?.bucket, name: s3location?.key, artifactIdentifier: name };
}
