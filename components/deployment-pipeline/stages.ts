import type * as pulumi from "@pulumi/pulumi";
import { REASON_VARIABLE } from "../../lib/contract";
import type { ArtifactStore } from "./artifact-store";
import { RELEASE, RELEASE_DATA, SOURCE_CODE, type Arns, type Artifact, type DeployedStack } from "./names";
import { codeAction, dataAction, type Action, type Repository } from "./sources";

/** One stage of a pipeline. */
export interface Stage {
  readonly name: string;
  readonly actions: readonly Action[];
}

/** Arguments of {@link stages}. */
export interface StagesArgs {
  readonly pipelineName: string;
  readonly repository: Repository;
  readonly store: ArtifactStore;
  readonly dataKey: string;
  readonly buildProject: pulumi.Input<string>;
  readonly deployProjects: Readonly<Record<DeployedStack, pulumi.Input<string>>>;
  readonly topicArn: pulumi.Input<string>;
  readonly approvalTimeoutMinutes: number;
  readonly arns: Arns;
}

/** The stages of a release: its sources, previews, training, an endpoint to try, somebody's approval, production. */
export function stages(args: StagesArgs): Stage[] {
  const { repository, store, dataKey, deployProjects } = args;
  const deploy = (name: string, stack: DeployedStack, more: Partial<BuildActionArgs> = {}) =>
    buildAction(name, {
      project: deployProjects[stack],
      inputs: [RELEASE],
      ...more,
      variables: { ...OF_RELEASE, DATA_VERSION: "#{Data.VersionId}", STACK: stack, ...more.variables },
    });
  const build = buildAction("Build", {
    project: args.buildProject,
    inputs: [SOURCE_CODE, RELEASE_DATA],
    outputs: [RELEASE],
    namespace: "Build",
    variables: { ...OF_RELEASE, DATA_VERSION: "#{Data.VersionId}" },
  });
  return [
    { name: "Source", actions: [codeAction(repository), dataAction(store, dataKey)] },
    { name: "Build", actions: [build] },
    { name: "Train", actions: [deploy("Train", "train", { namespace: "Train" })] },
    { name: "DeployDev", actions: [deploy("DeployDev", "dev")] },
    { name: "Approve", actions: [approval(args)] },
    { name: "DeployProd", actions: [deploy("DeployProd", "prod", { variables: { MODEL_ARCHIVE, MODEL_BASELINE } })] },
  ];
}

/** The stages of a pull request, which end with its previews. */
export function pullRequestStages(repository: Repository, project: pulumi.Input<string>): Stage[] {
  const check = buildAction("Check", { project, inputs: [SOURCE_CODE], variables: OF_RELEASE });
  return [
    { name: "Source", actions: [codeAction(repository)] },
    { name: "Check", actions: [check] },
  ];
}

/** Digest of the release's archive. Whoever approves is shown what `DeployProd` is given, since a variable of an execution never changes. */
const MODEL_ARCHIVE = "#{Train.MODEL_ARCHIVE}";
/** Digests of the release's baseline, which drift is measured from. */
const MODEL_BASELINE = "#{Train.MODEL_BASELINE}";
const EXECUTION_ID = "#{codepipeline.PipelineExecutionId}";

/** Variables that say which release a build is for. */
const OF_RELEASE = {
  RELEASE: EXECUTION_ID,
  GIT_COMMIT: "#{Code.CommitId}",
  GIT_BRANCH: "#{Code.BranchName}",
};

interface BuildActionArgs {
  readonly project: pulumi.Input<string>;
  /** The build runs in the first one. */
  readonly inputs: readonly Artifact[];
  readonly outputs?: readonly Artifact[];
  readonly namespace?: string;
  readonly variables: Readonly<Record<string, string>>;
}

function buildAction(name: string, { project, inputs, outputs, namespace, variables }: BuildActionArgs): Action {
  const [primary] = inputs;
  return {
    name,
    category: "Build",
    owner: "AWS",
    provider: "CodeBuild",
    version: "1",
    runOrder: 1,
    namespace,
    inputArtifacts: inputs,
    outputArtifacts: outputs,
    configuration: {
      ProjectName: project,
      ...(primary !== undefined && inputs.length > 1 ? { PrimarySource: primary } : {}),
      EnvironmentVariables: JSON.stringify(
        Object.entries(variables).map(([variable, value]) => ({ name: variable, value, type: "PLAINTEXT" })),
      ),
    },
  };
}

/** What starts an execution, unless the retrain governor does, which says its reason. */
export const STARTED_BY = {
  name: REASON_VARIABLE,
  defaultValue: "a push, new data or a person",
  description: "What has started the execution. The approval shows it.",
};

/**
 * Whoever is asked to approve sees which commit and execution it is about, what would change in production, and the model's metrics. Builds
 * run the commit's own code, so what they report is what that code says. Commit, execution, reason and link are CodePipeline's own.
 */
function approval({ pipelineName, topicArn, approvalTimeoutMinutes, arns }: StagesArgs): Action {
  const page = `codesuite/codepipeline/pipelines/${pipelineName}/executions/${EXECUTION_ID}/visualization`;
  return {
    name: "Approve",
    category: "Approval",
    owner: "AWS",
    provider: "Manual",
    version: "1",
    runOrder: 1,
    timeoutInMinutes: approvalTimeoutMinutes,
    configuration: {
      NotificationArn: topicArn,
      ExternalEntityLink: arns.consolePage(page),
      CustomData: [
        `Commit ${OF_RELEASE.GIT_COMMIT}, execution ${EXECUTION_ID}, started by #{variables.${REASON_VARIABLE}}. Its own code reports:`,
        "#{Build.PREVIEW_SUMMARY}",
        "#{Train.MODEL_METRICS}",
        `Model archive SHA-256 ${MODEL_ARCHIVE}`,
      ].join("\n\n"),
    },
  };
}
