import { randomUUID } from "node:crypto";
import type { ActionDeclaration, PipelineDeclaration } from "@aws-sdk/client-codepipeline";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { messageOf } from "../../core/failure";
import { clientConfig, type SessionKeys } from "../../core/local";
import { ShutDown, unlessAborted } from "../../core/waiting";
import { SERVICE, type PipelineLocal } from "./context";
import { PipelineEvents } from "./events";
import type { ActionRun, Execution, StageRun } from "./execution";
import { Abandoned, ActionFailure, callFailure } from "./failure";
import type { Pipeline } from "./store";
import type { Approvals } from "./providers/approval";
import { newPlace } from "./providers/artifact-store";
import { codeBuildAction } from "./providers/build";
import { codeCommitSource, connectionSource } from "./providers/git-source";
import type { Provider } from "./providers/provider";
import { s3Source } from "./providers/s3-source";
import { resolved } from "./variables";

/** Runs actions, each under its role. */
export class ActionRunner {
  private readonly providers: Readonly<Record<string, Provider>>;
  private readonly events: PipelineEvents;

  constructor(
    private readonly local: PipelineLocal,
    approvals: Approvals,
    /** Given when the local AWS ends. */
    private readonly closing: AbortSignal,
  ) {
    this.events = new PipelineEvents(local.events, local.account);
    this.providers = {
      CodeStarSourceConnection: connectionSource,
      CodeCommit: codeCommitSource,
      S3: s3Source,
      CodeBuild: codeBuildAction,
      Manual: approvals.provider,
    };
  }

  /**
   * Runs an action to its end; what becomes of it is noted in its run.
   *
   * @throws ShutDown if the local AWS ends
   */
  async run(pipeline: Pipeline, execution: Execution, stage: StageRun, action: ActionDeclaration): Promise<ActionRun> {
    const { clock } = this.local;
    const run = this.begin(execution, stage, action);
    pipeline.latestActions.set(`${stage.stageName}/${action.name ?? ""}`, run);
    this.events.action(run, "STARTED");
    const signal = AbortSignal.any([execution.signal, this.closing]);
    try {
      const variables = await unlessAborted(this.work(run, signal), signal);
      run.output = { ...run.output, outputVariables: variables };
      run.output.outputArtifacts?.forEach((artifact) => execution.artifacts.set(artifact.name ?? "", artifact));
      if (action.namespace !== undefined) {
        execution.namespaces.set(action.namespace, variables);
      }
      run.status = "Succeeded";
    } catch (error) {
      run.output = { ...run.output, outputArtifacts: [] };
      fail(run, error);
    }
    run.lastUpdateTime = clock.now();
    this.events.action(
      run,
      run.status === "Succeeded" ? "SUCCEEDED" : run.status === "Abandoned" ? "ABANDONED" : "FAILED",
    );
    return run;
  }

  private begin(execution: Execution, stage: StageRun, action: ActionDeclaration): ActionRun {
    const now = this.local.clock.now();
    const { actionTypeId, configuration, roleArn, namespace, inputArtifacts = [] } = action;
    const run: ActionRun = {
      id: randomUUID(),
      execution,
      stageName: stage.stageName,
      action,
      startTime: now,
      lastUpdateTime: now,
      status: "InProgress",
      input: {
        actionTypeId,
        configuration,
        resolvedConfiguration: {},
        roleArn,
        region: this.local.account.region,
        inputArtifacts: inputArtifacts.map(({ name = "" }) => execution.artifacts.get(name) ?? { name }),
        namespace,
      },
      output: { outputArtifacts: [], outputVariables: {} },
      summary: undefined,
      token: undefined,
      lastUpdatedBy: undefined,
      errorDetails: undefined,
      revision: undefined,
    };
    stage.actions.set(action.name ?? "", run);
    execution.actionRuns.push(run);
    return run;
  }

  private async work(run: ActionRun, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    const { execution, action } = run;
    const { declaration } = execution.order;
    const { artifactStore: store } = declaration;
    const { provider = "", category } = action.actionTypeId ?? {};
    const work = this.providers[provider];
    if (work === undefined || store === undefined) {
      throw new ActionFailure("ConfigurationError", `There is nothing here that could run ${provider}`);
    }
    const configuration = resolved(action.configuration ?? {}, execution.namespaces);
    run.input = { ...run.input, resolvedConfiguration: configuration };
    const suffix = category === "Source" ? ".zip" : "";
    const outputs = (action.outputArtifacts ?? []).map(({ name = "" }) =>
      newPlace(store, execution.pipelineName, name, suffix),
    );
    run.output = { ...run.output, outputArtifacts: outputs };
    return work({
      ...{ local: this.local, run, configuration, outputs, store },
      inputs: run.input.inputArtifacts ?? [],
      session: await this.session(declaration, action, execution),
      signal,
    });
  }

  /** CodePipeline assumes the pipeline's role, and from that one the action's own. */
  private async session(
    { roleArn = "" }: PipelineDeclaration,
    action: ActionDeclaration,
    execution: Execution,
  ): Promise<SessionKeys> {
    let session: SessionKeys;
    try {
      session = await this.local.sessions.assumeAs(SERVICE, roleArn, execution.id);
    } catch (error) {
      throw new ActionFailure("PermissionError", `CodePipeline cannot assume the role ${roleArn}: ${messageOf(error)}`);
    }
    if (action.roleArn === undefined) {
      return session;
    }
    const sts = new STSClient(clientConfig(this.local, session));
    try {
      const command = new AssumeRoleCommand({ RoleArn: action.roleArn, RoleSessionName: execution.id });
      const { Credentials: keys } = await sts.send(command);
      return {
        accessKeyId: keys?.AccessKeyId ?? "",
        secretAccessKey: keys?.SecretAccessKey ?? "",
        sessionToken: keys?.SessionToken ?? "",
      };
    } catch (error) {
      throw callFailure(`The pipeline's role ${roleArn} cannot assume the action's role ${action.roleArn}`, error);
    } finally {
      sts.destroy();
    }
  }
}

/** Notes how an action failed. The end of the local AWS is passed on. */
function fail(run: ActionRun, error: unknown): void {
  if (error instanceof ShutDown) {
    throw error;
  }
  if (error instanceof Abandoned) {
    run.status = "Abandoned";
    return;
  }
  if (!(error instanceof ActionFailure)) {
    console.error(`local AWS: action ${run.action.name ?? ""} ended by a defect in the local AWS:`, error);
  }
  const failure = error instanceof ActionFailure ? error : new ActionFailure("InternalError", messageOf(error));
  run.status = "Failed";
  run.errorDetails = failure.details;
  const { executionResult } = run.output;
  run.output = { ...run.output, executionResult: { ...executionResult, errorDetails: failure.details } };
}
