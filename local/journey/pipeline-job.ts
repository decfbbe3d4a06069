import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { clientConfig } from "local-aws/core/local";
import { PipelineWatch, type StageEnd } from "../../cli/pipeline/watch";
import { retrainDecisions, type RetrainDecision } from "../../cli/retrain/decisions";
import { APPROVE } from "../../cli/release/approval";
import { dataFolders, dataSource, startRelease } from "../../cli/release/start";
import type { Rows } from "../../cli/data/program";
import type { AccountSetup } from "./account";
import { Job, releasesOf, summarized, type MainJobResult, type Release, type Stage, type Tried } from "./job";
import { driftWatch, pipelineConfig, WITHOUT_PROBES } from "./local-config";
import { makePipeline, setUpState, stateOf, type PipelineOutputs } from "./pipeline-stack";
import type { SourceRepository } from "./repository";
import type { BadWindow, PipelineSummary } from "./summary";
import { waitFor } from "./wait-for";

/** What the main job through the pipeline works with in addition. */
export interface PipelineStage extends Stage {
  readonly repository: SourceRepository;
  /** Folder for the logs of the builds. */
  readonly buildLogs: string;
  /** Whether somebody will use the pipeline afterwards. */
  readonly keeps: boolean;
  /** Called when the pipeline is there and has seen no release. */
  readonly onPipeline?: (outputs: PipelineOutputs, account: AccountSetup) => Promise<void>;
}

/** The result, and how to go on with the pipeline. */
export interface PipelineJobResult extends MainJobResult {
  readonly outputs: PipelineOutputs;
}

/** An execution that has reached production, or has failed there as expected. */
interface Execution {
  readonly id: string;
  readonly tried: Tried;
}

/**
 * Sends three releases through the project's own pipeline and approves them, as a person would, while a client sends requests. The
 * pipeline's builds build, preview, train, deploy and replace each of them.
 */
export async function pipelineJob(stage: PipelineStage, rows: Rows): Promise<PipelineJobResult> {
  const job = new Job(stage);
  try {
    const account = await job.prepare(rows);
    await setUpState(stage.aws, account);
    stage.steps.line(stage.repository.told);
    const outputs = await stage.steps.run("pipeline", async ({ update }) => {
      const made = await makePipeline(stage.project, configOf(stage, account, WITHOUT_PROBES), update);
      return [`${made.pipelineName}; data goes to ${made.dataSourceUri}`, made] as const;
    });
    await stage.onPipeline?.(outputs, account);
    const watch = new PipelineWatch(clientConfig(stage.aws), outputs.pipelineName);
    await watch.idle();
    stage.steps.line("a new pipeline starts at once and fails in Source, where no data is yet, as on AWS");
    const result = await new PipelineJob(job, stage, account, outputs, watch).play();
    if (stage.keeps) {
      await stage.steps.run("pipeline for you", async ({ update }) => {
        await makePipeline(stage.project, configOf(stage, account, {}), update);
        return "where nobody calls, a release is judged by the rollout's own probes";
      });
    }
    return { ...result, outputs };
  } finally {
    await job.stopTraffic();
  }
}

function configOf(stage: PipelineStage, account: AccountSetup, prod: Readonly<Record<string, string>>) {
  const { aws, model, repository, speed } = stage;
  const watched = { ...driftWatch(model, speed), canary: "{}", dashboard: "true", ...prod };
  return pipelineConfig(aws, { model, account, state: stateOf(aws), branch: repository.branch, speed, prod: watched });
}

class PipelineJob {
  private readonly executions: PipelineSummary[] = [];

  constructor(
    private readonly job: Job,
    private readonly stage: PipelineStage,
    private readonly account: AccountSetup,
    private readonly outputs: PipelineOutputs,
    private readonly watch: PipelineWatch,
  ) {}

  async play(): Promise<MainJobResult> {
    const { job } = this;
    const { model } = this.stage;
    const [first, second, third] = releasesOf(model);

    const one = await this.untilApproval(first, await this.bring(first));
    await this.deploy(first, one, "first release goes live");
    const apiUrl = await job.output("prod", "apiUrl");
    job.startTraffic(apiUrl);
    const releases = [summarized(model, one.id, one.tried, "replaced")];

    const two = await this.untilApproval(second, await this.bring(second));
    await this.deploy(second, two, "10 %, wait, 100 %; then release 1 is removed");
    releases.push(summarized(model, two.id, two.tried, "live"));

    const { shifted } = model.local;
    const drift = shifted === undefined ? undefined : await job.drift(shifted);
    const retraining = drift === undefined ? undefined : await this.retraining(third);
    const three = await this.untilApproval(third, retraining?.executionId ?? (await this.bring(third)));
    const { bad, reason } = await this.fail(third, three);
    releases.push({ ...summarized(model, three.id, three.tried, "rolled-back"), reason });
    return job.conclude(releases, bad, apiUrl, {
      pipeline: this.executions,
      ...(drift === undefined ? {} : { drift }),
      ...(retraining === undefined ? {} : { retrain: { decision: retraining.decision, reason: retraining.reason } }),
    });
  }

  /** Data that start an execution. Returns its id. */
  private async bring({ name, hyperparameters }: Release): Promise<string> {
    const { aws, model, dataDir, steps } = this.stage;
    return steps.run(`${name} start`, async () => {
      const zip = dataSource(dataFolders(this.account.bucket, model.dataPrefix), hyperparameters);
      // Kept for whoever wants to start one more.
      await writeFile(join(dataDir, "data-source.zip"), zip);
      const { execution } = await startRelease(clientConfig(aws), this.outputs.pipelineName, zip);
      return [`data-source.zip has started execution ${execution}`, execution] as const;
    });
  }

  /** The decision of the retrain governor, which the alarm asks, and the execution that it has started. */
  private async retraining({ name }: Release): Promise<RetrainDecision & { readonly executionId: string }> {
    const { aws, model, steps } = this.stage;
    return steps.run(`${name} start`, async () => {
      const decided = await waitFor("the retrain governor decides", async () =>
        (await retrainDecisions(clientConfig(aws), { model: model.name, bucket: this.account.bucket })).at(-1),
      );
      const { executionId, reason, why } = decided;
      if (executionId === undefined) {
        throw new Error(`${reason} has asked for a retraining, and none was started: ${why}`);
      }
      return [`${reason} has started execution ${executionId}`, { ...decided, executionId }] as const;
    });
  }

  /** All stages of an execution before the approval. */
  private async untilApproval({ name }: Release, id: string): Promise<Execution> {
    const began = performance.now();
    await this.succeed(name, id, "Source", "code and data taken");
    await this.succeed(name, id, "Build", "types checked, plans of all stacks previewed");
    await this.succeed(name, id, "Train", "training job and baseline job, quality gate");
    const trained = await this.job.trained(name);
    await this.succeed(name, id, "DeployDev", "endpoint in service");
    return { id, tried: { began, measures: { ...trained, ...(await this.job.tryDev(name, id)) } } };
  }

  private async deploy({ name }: Release, { id }: Execution, what: string): Promise<void> {
    await this.approve(name, id);
    await this.succeed(name, id, "DeployProd", what);
    await this.note(id);
  }

  /** The bad release: its last stage must fail, say why, and leave the release before it live. */
  private async fail({ name }: Release, { id }: Execution): Promise<{ bad: BadWindow; reason: string }> {
    this.job.spoil(id);
    const from = Date.now();
    await this.approve(name, id);
    const reason = await this.stage.steps.run(`${name} DeployProd`, async ({ update }) => {
      const { status, why } = await this.through(name, id, "DeployProd", update);
      if (status !== "Failed") {
        throw new Error(`${status} although the release's container answers errors`);
      }
      return [`refused, as it should be: ${why.split("\n")[0] ?? ""}`, why] as const;
    });
    const bad = { from, to: Date.now() };
    await this.note(id);
    return { bad, reason };
  }

  /** What an approver does: reads the pipeline's text, and approves. */
  private async approve(name: string, id: string): Promise<void> {
    const { steps } = this.stage;
    await steps.run(`${name} ${APPROVE}`, async () => {
      const approval = await this.watch.approval(id, APPROVE);
      const told = approval.text.split("\n").filter((line) => line !== "");
      told.forEach((line) => steps.line(`    ${line}`));
      await this.watch.answer(APPROVE, approval, "Approved", "tried on dev");
      const { status, why } = await this.watch.through(id, APPROVE, () => undefined);
      if (status !== "Succeeded") {
        throw new Error(`${status}: ${why}`);
      }
      return "approved";
    });
  }

  private async succeed(name: string, id: string, stage: string, what: string): Promise<void> {
    await this.stage.steps.run(`${name} ${stage}`, async ({ update }) => {
      const { status, why } = await this.through(name, id, stage, update);
      if (status !== "Succeeded") {
        throw new Error(`${status}: ${why}`);
      }
      return what;
    });
  }

  private async through(name: string, id: string, stage: string, update: (line: string) => void): Promise<StageEnd> {
    const end = await this.watch.through(id, stage, update);
    if (end.log.length > 0) {
      await mkdir(this.stage.buildLogs, { recursive: true });
      await writeFile(join(this.stage.buildLogs, `${name}-${stage}.log`), `${end.log.join("\n")}\n`);
    }
    return end;
  }

  private async note(id: string): Promise<void> {
    this.executions.push({ execution: id, stages: await this.watch.summary(id) });
  }
}
