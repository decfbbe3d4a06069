import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { DATA_FILES, type Model } from "../../lib/model";
import { releaseNames } from "../../lib/release";
import { parseS3Uri } from "../../lib/s3-uri";
import type { PulumiCli } from "pulumi-engine/pulumi-cli";
import { clientConfig } from "local-aws/core/local";
import { bySignature } from "../../cli/traffic/access";
import type { Answer, CallerRequest } from "../../cli/traffic/caller";
import { Traffic } from "../../cli/traffic/traffic";
import { testRows, type TestRow } from "../../cli/data/test-rows";
import { uploadData } from "../../cli/data/upload";
import { setUpAccount, type AccountSetup } from "../journey/account";
import { driftWatch, stackConfig } from "../journey/local-config";
import { PulumiProject, type Stack } from "../journey/project";
import { startLocalAws, type LocalAws } from "local-aws";
import { AliasWatch } from "./alias-watch";
import { Going } from "./going";
import { makeIdlePipeline } from "./idle-pipeline";

/** What all lanes of a run share. */
export interface LaneSettings {
  readonly root: string;
  readonly model: Model;
  /** Folder that contains a folder for each lane. */
  readonly dir: string;
  /** Folder with the prepared data. */
  readonly dataDir: string;
  /** Rows that the callers send. */
  readonly rows: readonly string[];
  readonly pulumi: PulumiCli;
  readonly python: string;
  readonly speed: number;
  /** A trained model. The first lane that needs it trains it. */
  readonly trained: (train: () => Promise<Trained>) => Promise<Trained>;
}

/** What training leaves for a release. */
export interface Trained {
  readonly archive: Uint8Array;
  /** The description of the training data, by the files' names. */
  readonly baseline: Readonly<Record<string, Uint8Array>>;
}

/** What a lane has besides a release that serves. */
export type Provision = "drift-monitor" | "pipeline";

/** Rounds of boosting: enough for a model that predicts, and quick. */
const HYPERPARAMETERS = { num_round: "20" };

/**
 * The lanes share one machine that does real work. If it is busy, even the best model answers late. So only a scenario's own fault can
 * reach the latency limit, unless the scenario sets another one.
 */
const ALARMS = JSON.stringify({ latencyP99Ms: 9500, latencyP99TimesBlue: false });

/** Its own AWS, project, state and callers. A release serves in it, and one scenario after the other is played. */
export class Lane {
  /** All answers that the callers got. */
  readonly answers: Answer[] = [];
  readonly watch: AliasWatch;
  private readonly provided = new Set<Provision>();
  private traffic: Traffic | undefined;
  private url = "";
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly settings: LaneSettings,
    readonly aws: LocalAws,
    readonly project: PulumiProject,
    readonly account: AccountSetup,
  ) {
    this.watch = new AliasWatch(aws);
  }

  /** Starts an AWS with account, data and project. Nothing serves yet. */
  static async open(settings: LaneSettings, number: number): Promise<Lane> {
    const { root, dir, pulumi, python, speed } = settings;
    const aws = await startLocalAws({ python, speed, functionsUseRoles: true, propagationSeconds: 10 });
    try {
      const environment = aws.environment;
      const project = await PulumiProject.create({ root, dir: join(dir, `lane-${number}`), pulumi, environment });
      const account = await setUpAccount(aws);
      await uploadData(clientConfig(aws), account.bucket, settings.model, settings.dataDir);
      return new Lane(settings, aws, project, account);
    } catch (error) {
      await aws.close();
      throw error;
    }
  }

  get model(): Model {
    return this.settings.model;
  }

  /** Seconds of AWS in one second here. */
  get speed(): number {
    return this.settings.speed;
  }

  /** Starts `pulumi up` with a release, and with config values over those of the local run. */
  async start(stack: Stack, release: string, values: Readonly<Record<string, string>> = {}): Promise<Going> {
    const own = stackConfig(
      stack,
      { model: this.model, id: release, hyperparameters: HYPERPARAMETERS },
      this.account,
      this.speed,
    );
    const watched = this.provided.has("drift-monitor") ? driftWatch(this.model, this.speed) : {};
    const common = stack === "prod" ? { ...own, ...watched, alarms: ALARMS } : own;
    await this.project.configure(stack, { ...common, ...values });
    return new Going(stack, (onLine) => this.project.up(stack, onLine));
  }

  /** `pulumi up`, which must succeed. */
  async up(stack: Stack, release: string, values: Readonly<Record<string, string>> = {}): Promise<void> {
    const { ok, errors } = await (await this.start(stack, release, values)).ended;
    if (!ok) {
      throw new Error(errors.join("\n"));
    }
  }

  /** Makes what a scenario needs besides a release that serves, unless it is there, and leaves it for those after it. */
  async provide(what: Provision, live: string): Promise<void> {
    if (this.provided.has(what)) {
      return;
    }
    this.provided.add(what);
    if (what === "drift-monitor") {
      await this.up("prod", live);
    } else {
      await makeIdlePipeline(this);
    }
  }

  /** Rows of the model's inputs, each another one. */
  async manyRows(): Promise<readonly TestRow[]> {
    return testRows(await readFile(join(this.settings.dataDir, DATA_FILES.validation), "utf8"));
  }

  /** Makes a release the first one in prod, and starts the callers. */
  async serve(release: string): Promise<void> {
    await this.putModel(release);
    await this.up("prod", release);
    this.url = z.string().parse((await this.project.outputs("prod")).apiUrl);
    await this.watch.until(release, 1);
    this.letCallersIn();
  }

  /** @param requestsPerSecond @default 10 */
  letCallersIn(requestsPerSecond?: number): void {
    const requests = this.settings.rows.map((body) => ({ body }));
    this.traffic ??= this.send(requests, (answer) => this.answers.push(answer), requestsPerSecond);
  }

  /** Starts a client of its own. Whoever starts it stops it. */
  send(requests: readonly CallerRequest[], onAnswer: (answer: Answer) => void, requestsPerSecond?: number): Traffic {
    const access = bySignature(clientConfig(this.aws));
    return new Traffic({ url: this.url, access, requests, requestsPerSecond, onAnswer });
  }

  /** Stops the callers and waits for the last answers. */
  async keepCallersOut(): Promise<void> {
    const { traffic } = this;
    this.traffic = undefined;
    await traffic?.stop();
  }

  /** Puts the archive and the baseline of the trained model where a release's belong. */
  async putModel(release: string): Promise<void> {
    const { archive, baseline } = await this.settings.trained(() => this.trainOnce());
    await this.put(this.namesOf(release).modelArchiveUri, archive);
    await Promise.all(
      Object.entries(baseline).map(([file, content]) =>
        this.put(`${this.namesOf(release).baselineUri}/${file}`, content),
      ),
    );
  }

  /** Puts an object. */
  async put(uri: string, Body: Uint8Array): Promise<void> {
    await new S3Client(clientConfig(this.aws)).send(new PutObjectCommand({ ...placeOf(uri), Body }));
  }

  /**
   * Fails if AWS differs from the state of a stack. An endpoint that was scaled has a configuration of SageMaker's own, which the program
   * ignores; `refresh` runs no program, so where it finds something, a preview that refreshes has the last word.
   */
  async refreshFindsNothing(stack: Stack): Promise<void> {
    const common = ["--stack", stack, "--expect-no-changes", "--diff"];
    try {
      await this.project.run(["refresh", ...common, "--yes", "--skip-preview"]);
    } catch {
      await this.project.run(["preview", "--refresh", ...common]);
    }
  }

  async destroy(stack: Stack): Promise<void> {
    await this.project.run(["destroy", "--stack", stack, "--yes", "--skip-preview"]);
  }

  close(): Promise<void> {
    return (this.closing ??= this.closeAll());
  }

  private async closeAll(): Promise<void> {
    await this.project.stop();
    await this.keepCallersOut();
    await this.watch.stop();
    await this.aws.close();
  }

  private async trainOnce(): Promise<Trained> {
    const release = "trained";
    await this.up("train", release);
    const { modelArchiveUri, statisticsUri, constraintsUri } = this.namesOf(release);
    const trained = {
      archive: await this.get(modelArchiveUri),
      baseline: {
        "statistics.json": await this.get(statisticsUri),
        "constraints.json": await this.get(constraintsUri),
      },
    };
    await this.destroy("train");
    return trained;
  }

  private async get(uri: string): Promise<Uint8Array> {
    const object = await new S3Client(clientConfig(this.aws)).send(new GetObjectCommand(placeOf(uri)));
    return (await object.Body?.transformToByteArray()) ?? new Uint8Array();
  }

  private namesOf(release: string) {
    return releaseNames({ model: this.model.name, release, bucket: this.account.bucket });
  }
}

function placeOf(uri: string): { readonly Bucket: string; readonly Key: string } {
  const place = parseS3Uri(uri);
  if (place === undefined) {
    throw new Error(`${uri} is no S3 URI`);
  }
  return { Bucket: place.bucket, Key: place.key };
}
