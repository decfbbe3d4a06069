import { mkdir, mkdtemp, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BuildPhaseType, StatusType } from "@aws-sdk/client-codebuild";
import { S3Client } from "@aws-sdk/client-s3";
import { clientConfig, type SessionKeys } from "../../core/local";
import { removeFolder } from "../../core/remove-folder";
import { RunControl, RunStopped, type StopReason } from "../../core/run-control";
import { isInline } from "./accepted";
import type { Build } from "./build";
import { parseBuildspec, SPEC_PHASES, type PhaseSpec, type SpecPhase } from "./buildspec";
import { ContainerLog } from "./container-log";
import type { CodeBuildLocal, CodeBuildOptions } from "./context";
import { buildEnvironment } from "./environment";
import { BuildFailure } from "./failure";
import { download } from "./objects";
import { assumeServiceRole } from "./service-role";
import { BuildShell } from "./shell";
import { uploadArtifacts, type Workshop } from "./upload";

/** How long AWS takes to find a machine for a build. */
const PROVISIONING_SECONDS = 20;
const MINUTE_MS = 60_000;
/** What a build's processes have to end by themselves when they are stopped; real time, for they are real. */
const GRACE_MS = 2000;
const WITHOUT_CONTAINER: ReadonlySet<BuildPhaseType> = new Set(["SUBMITTED", "QUEUED", "PROVISIONING", "FINALIZING"]);
const PHASE_TYPES = { install: "INSTALL", pre_build: "PRE_BUILD", build: "BUILD", post_build: "POST_BUILD" } as const;

/** Carries out one build. */
export class BuildRun {
  private readonly control: RunControl;
  private readonly log: ContainerLog;
  private readonly folder: string;
  /** Folders that are not below it. */
  private readonly temporary: string[] = [];
  private succeeding = true;

  constructor(
    private readonly local: CodeBuildLocal,
    private readonly options: CodeBuildOptions,
    private readonly build: Build,
  ) {
    this.control = new RunControl(local.clock);
    this.log = new ContainerLog(local.logs, build, () => local.clock.now());
    this.folder = join(local.scratchDir, "codebuild", build.order.uuid);
  }

  /** Makes the build end. */
  stop(why: StopReason): void {
    this.control.stop(why);
  }

  /** Whatever happens ends up in the build. */
  async run(): Promise<void> {
    const { clock } = this.local;
    const { timeoutInMinutes = 60 } = this.build.order.project;
    const slower = clock.speed / (this.options.timeoutSpeed ?? clock.speed);
    const cancel = clock.after(timeoutInMinutes * MINUTE_MS * slower, () => this.stop("overtime"));
    try {
      await this.goThrough();
      this.build.end(this.succeeding ? "SUCCEEDED" : "FAILED", clock.now());
    } catch (error) {
      if (!(error instanceof RunStopped)) {
        console.error(`local AWS: build ${this.build.order.id} ended by a defect in the local AWS:`, error);
        this.build.endPhase("FAULT", clock.now(), "INTERNAL_ERROR", String(error));
      }
      const status = error instanceof RunStopped ? (error.why === "overtime" ? "TIMED_OUT" : "STOPPED") : "FAULT";
      this.build.end(status, clock.now());
    } finally {
      cancel();
      await Promise.all([this.folder, ...this.temporary].map(removeFolder));
    }
  }

  private async goThrough(): Promise<void> {
    await this.phase("SUBMITTED", () => undefined);
    await this.phase("QUEUED", () => undefined);
    this.log.say("Waiting for agent ping");
    const session = await this.phase("PROVISIONING", async () => {
      await this.control.pause(PROVISIONING_SECONDS);
      return assumeServiceRole(this.local, this.build);
    });
    if (session === undefined) {
      return;
    }
    const s3 = new S3Client(clientConfig(this.local, session));
    this.log.say("Waiting for DOWNLOAD_SOURCE");
    const workshop = await this.phase("DOWNLOAD_SOURCE", () => this.prepare(s3, session));
    if (workshop !== undefined) {
      const callOff = this.control.onStop((why) => void workshop.shell.stop(why === "closing" ? 0 : GRACE_MS));
      try {
        await this.work(workshop);
      } finally {
        callOff();
        await workshop.shell.stop();
      }
    }
    s3.destroy();
    await this.phase("FINALIZING", () => undefined);
  }

  /** https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html */
  private async work(workshop: Workshop): Promise<void> {
    for (const name of SPEC_PHASES) {
      const spec = workshop.spec.phases[name];
      const succeeded = await this.phase(PHASE_TYPES[name], () => this.commands(name, spec, workshop.shell));
      await this.takeExportedVariables(workshop);
      const goesOn = spec?.onFailure === "CONTINUE" || (spec?.onFailure === undefined && isBuildOrLater(name));
      if (succeeded === undefined && !goesOn) {
        return;
      }
    }
    await this.phase("UPLOAD_ARTIFACTS", () => uploadArtifacts(this.build, workshop, this.log));
  }

  /** Runs one phase. `undefined` if it failed, which the build's record then tells. */
  private async phase<T>(type: BuildPhaseType, work: () => T | Promise<T>): Promise<T | undefined> {
    const { clock } = this.local;
    this.control.check();
    this.build.beginPhase(type, clock.now());
    try {
      const result = await work();
      this.control.check();
      this.build.endPhase("SUCCEEDED", clock.now());
      this.tell(type, "SUCCEEDED");
      return result;
    } catch (error) {
      if (error instanceof RunStopped) {
        const [status, code, message] =
          error.why === "overtime"
            ? (["TIMED_OUT", "BUILD_TIMED_OUT", "Build has timed out. "] as const)
            : (["STOPPED", "", ""] as const);
        this.build.endPhase(status, clock.now(), code, message);
        this.tell(type, status, code, message);
      }
      if (!(error instanceof BuildFailure)) {
        throw error;
      }
      this.succeeding = false;
      this.build.endPhase("FAILED", clock.now(), error.code, error.message);
      this.tell(type, "FAILED", error.code, error.message);
      return undefined;
    }
  }

  /** There is no container that could write a log before its machine is found, nor when all is done. */
  private tell(type: BuildPhaseType, status: StatusType, code?: string, message?: string): void {
    if (!WITHOUT_CONTAINER.has(type) || status === "FAILED") {
      this.log.phaseEnded(type, status, code, message);
    }
  }

  private async prepare(s3: S3Client, session: SessionKeys): Promise<Workshop> {
    const { order } = this.build;
    const sourceDirectory = join(this.folder, "src", "primary");
    const secondaryDirectories = new Map(
      [...order.secondarySources.keys()].map((name) => [name, join(this.folder, "src", name)] as const),
    );
    await mkdir(sourceDirectory, { recursive: true });
    if (order.source !== undefined) {
      await download(s3, order.source, sourceDirectory);
    }
    for (const [name, object] of order.secondarySources) {
      await download(s3, object, secondaryDirectories.get(name) ?? sourceDirectory);
    }
    this.control.check();
    this.log.say(`CODEBUILD_SRC_DIR=${sourceDirectory}`);
    const spec = parseBuildspec(await this.buildspecText(sourceDirectory));
    spec.ignored.forEach((what) => this.log.say(`Not part of the local AWS, ignored: ${what}`));
    const cache = order.project.cache?.type ?? "NO_CACHE";
    if (cache !== "NO_CACHE") {
      this.log.say(`Not part of the local AWS, ignored: cache of type ${cache}: nothing is kept between builds`);
    }
    const { account, endpoint } = this.local;
    const image = this.options.environment ?? {};
    // Not below the build's own folder: the path of a socket that a program makes there has to be shorter than 108 characters.
    const temporary = await mkdtemp(join(this.local.scratchDir, "/"));
    this.temporary.push(temporary);
    const shell = await BuildShell.start({
      folder: join(this.folder, "tmp"),
      directory: sourceDirectory,
      environment: buildEnvironment({
        ...{ account, endpoint, build: this.build, spec, session, image },
        ...{ sourceDirectory, secondaryDirectories, temporary },
      }),
      onLine: (line) => this.log.print(line),
    });
    this.log.say(`Moving to directory ${sourceDirectory}`);
    const found = SPEC_PHASES.filter((name) => spec.phases[name] !== undefined);
    this.log.say(`Phases found in YAML: ${found.length}`);
    found.forEach((name) => this.log.say(` ${PHASE_TYPES[name]}: ${spec.phases[name]?.commands.length ?? 0} commands`));
    return { spec, sourceDirectory, shell, s3 };
  }

  private async buildspecText(sourceDirectory: string): Promise<string> {
    const { buildspec = "" } = this.build.order.project.source ?? {};
    if (isInline(buildspec)) {
      return buildspec;
    }
    const file = join(sourceDirectory, buildspec === "" ? "buildspec.yml" : buildspec);
    this.log.say(`YAML location is ${file}`);
    return readFile(file, "utf8").catch(() => {
      throw new BuildFailure("YAML_FILE_ERROR", `stat ${file}: no such file or directory`);
    });
  }

  private async commands(name: SpecPhase, spec: PhaseSpec | undefined, shell: BuildShell): Promise<true> {
    this.log.say(`Entering phase ${PHASE_TYPES[name]}`);
    let failure: BuildFailure | undefined;
    for (const list of [spec?.commands ?? [], spec?.finally ?? []]) {
      for (const command of list) {
        const failed = await this.command(command, shell, this.succeeding && failure === undefined);
        if (failed !== undefined) {
          failure ??= failed;
          break;
        }
      }
    }
    if (failure !== undefined) {
      throw failure;
    }
    return true;
  }

  private async command(command: string, shell: BuildShell, succeeding: boolean): Promise<BuildFailure | undefined> {
    this.log.say(`Running command ${command.trimEnd()}`);
    const code = await shell.run(command, { CODEBUILD_BUILD_SUCCEEDING: succeeding ? "1" : "0" });
    this.control.check();
    if (code === 0) {
      return undefined;
    }
    this.log.say(`Command did not exit successfully ${command.trimEnd()} exit status ${code}`);
    return new BuildFailure(
      "COMMAND_EXECUTION_ERROR",
      `Error while executing command: ${command.trimEnd()}. Reason: exit status ${code}`,
    );
  }

  private async takeExportedVariables({ spec, shell }: Workshop): Promise<void> {
    const environment = await shell.environment();
    this.build.exportedVariables = spec.exportedVariables.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [{ name, value }];
    });
  }
}

/** After a failed build phase AWS still runs the one after it and uploads what there is; before it, it ends the build. */
const isBuildOrLater = (name: SpecPhase) => name === "build" || name === "post_build";
