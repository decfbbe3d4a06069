import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CodeBuildClient, CreateProjectCommand } from "@aws-sdk/client-codebuild";
import {
  CodePipelineClient,
  CreatePipelineCommand,
  GetPipelineExecutionCommand,
  GetPipelineStateCommand,
  ListActionExecutionsCommand,
  StartPipelineExecutionCommand,
  type ActionDeclaration,
  type ActionState,
  type PipelineDeclaration,
  type PipelineExecution,
  type StageDeclaration,
  type StageState,
  type StartPipelineExecutionCommandInput,
} from "@aws-sdk/client-codepipeline";
import { codeBuild } from "../../services/codebuild";
import { codePipeline } from "../../services/codepipeline";
import { LOCAL_ACCOUNT } from "../../core/account";
import { Clock } from "../../core/clock";
import { Faults } from "../../core/faults";
import { gitEnvironment, UNSIGNED_AND_UNCHECKED } from "../../core/git-environment";
import { signedService, type HttpRequest, type Service } from "../../core/http";
import type { ServiceEvent } from "../../core/local";
import { serve, type Served } from "../../testing/serve";
import { FakeS3 } from "../codebuild/fake-s3";
import { fakeSessions } from "../codebuild/fixture";
import { gitSource, pipelineOf } from "./declarations";

const PATIENCE_MS = 8000;

/** CodePipeline and CodeBuild with a git repository, and an S3, SNS and STS that record. */
export class Fixture {
  readonly s3 = new FakeS3();
  readonly events: ServiceEvent[] = [];
  readonly logs: string[] = [];
  /** Messages published, parsed. */
  readonly published: { readonly topic: string; readonly subject: string; readonly message: unknown }[] = [];
  readonly client: CodePipelineClient;
  readonly builds: CodeBuildClient;

  private constructor(
    readonly clock: Clock,
    private readonly folder: string,
    private readonly served: Served,
    private readonly services: Map<string, Service>,
  ) {
    this.client = new CodePipelineClient(served.client);
    this.builds = new CodeBuildClient(served.client);
    services.set("s3", this.s3.service);
    services.set("sns", { name: "SNS", handle: async (request) => this.publish(request) });
    services.set("sts", { name: "STS", handle: async (request) => assumed(request) });
  }

  static async start(speed = 600): Promise<Fixture> {
    const clock = new Clock(speed);
    const folder = await mkdtemp(join(tmpdir(), "codepipeline test "));
    const services = new Map<string, Service>();
    const parts: { fixture?: Fixture } = {};
    const repository = join(folder, "repository");
    mkdirSync(repository);
    git(repository, "init", "--quiet", "--initial-branch=main");
    const served = await serve((endpoint) => {
      const local = {
        ...{ clock, account: LOCAL_ACCOUNT, endpoint, scratchDir: folder, sessions: fakeSessions, repository },
        faults: new Faults(),
        logs: {
          write: (_group: string, _stream: string, lines: readonly string[]) => {
            parts.fixture?.logs.push(...lines);
          },
        },
        events: {
          put: (event: ServiceEvent) => {
            parts.fixture?.events.push(event);
          },
        },
      };
      services.set("codebuild", codeBuild(local, { timeoutSpeed: 60 }));
      services.set("codepipeline", codePipeline(local));
      return (request) => services.get(signedService(request) ?? "");
    });
    const fixture = new Fixture(clock, folder, served, services);
    parts.fixture = fixture;
    fixture.commit({ "README.md": "hello" });
    return fixture;
  }

  /** What a client of our own needs to reach it. */
  get aws() {
    return { account: LOCAL_ACCOUNT, endpoint: this.served.endpoint };
  }

  async close(): Promise<void> {
    await Promise.all([...this.services.values()].map(async (service) => service.close?.()));
    this.clock.stop();
    this.client.destroy();
    this.builds.destroy();
    await this.served.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Commits files to the branch that is checked out. Returns the commit's id. */
  commit(files: Readonly<Record<string, string>>, message = "a change"): string {
    const repository = join(this.folder, "repository");
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(repository, path)), { recursive: true });
      writeFileSync(join(repository, path), text);
    }
    this.git("add", ".");
    this.git("commit", "--quiet", "-m", message);
    return this.git("rev-parse", "HEAD");
  }

  git(...args: readonly string[]): string {
    return git(join(this.folder, "repository"), ...args);
  }

  /** A build project whose one phase runs these commands, and whose artifacts are these files. */
  async createProject(name: string, commands: readonly string[], changes: object = {}): Promise<void> {
    const buildspec = JSON.stringify({ version: 0.2, phases: { build: { commands } }, ...changes }, undefined, 1);
    await this.builds.send(
      new CreateProjectCommand({
        name,
        source: { type: "CODEPIPELINE", buildspec },
        artifacts: { type: "CODEPIPELINE" },
        environment: { type: "LINUX_CONTAINER", image: "image", computeType: "BUILD_GENERAL1_SMALL" },
        serviceRole: "arn:aws:iam::123456789012:role/build",
      }),
    );
  }

  /** A pipeline `release` of a git source and these stages. Waits until the execution that it starts with has ended. */
  async createPipeline(
    stages: readonly StageDeclaration[],
    changes: Partial<PipelineDeclaration> = {},
    source: readonly ActionDeclaration[] = [gitSource()],
  ): Promise<void> {
    await this.client.send(new CreatePipelineCommand({ pipeline: pipelineOf(stages, changes, source) }));
  }

  async start(changes: Partial<StartPipelineExecutionCommandInput> = {}): Promise<string> {
    const command = new StartPipelineExecutionCommand({ name: "release", ...changes });
    return (await this.client.send(command)).pipelineExecutionId!;
  }

  async execution(pipelineExecutionId: string): Promise<PipelineExecution> {
    const command = new GetPipelineExecutionCommand({ pipelineName: "release", pipelineExecutionId });
    return (await this.client.send(command)).pipelineExecution!;
  }

  async ended(id: string): Promise<PipelineExecution> {
    await this.until(async () => !["InProgress", "Stopping"].includes((await this.execution(id)).status!));
    return this.execution(id);
  }

  async stages(): Promise<StageState[]> {
    return (await this.client.send(new GetPipelineStateCommand({ name: "release" }))).stageStates!;
  }

  async stage(name: string): Promise<StageState> {
    return (await this.stages()).find(({ stageName }) => stageName === name)!;
  }

  async action(stageName: string, name: string): Promise<ActionState> {
    return (await this.stage(stageName)).actionStates!.find(({ actionName }) => actionName === name)!;
  }

  /** The token of an approval, once it waits for its verdict. */
  async token(stageName: string, name: string, executionId?: string): Promise<string> {
    const look = async () => {
      const { latestExecution } = await this.stage(stageName);
      const isRight = executionId === undefined || latestExecution?.pipelineExecutionId === executionId;
      return isRight ? (await this.action(stageName, name)).latestExecution?.token : undefined;
    };
    await this.until(async () => (await look()) !== undefined);
    return (await look())!;
  }

  async actionExecutions(pipelineExecutionId?: string) {
    const filter = pipelineExecutionId === undefined ? undefined : { pipelineExecutionId };
    const command = new ListActionExecutionsCommand({ pipelineName: "release", filter });
    return (await this.client.send(command)).actionExecutionDetails!;
  }

  /** Events of an execution as `Pipeline STARTED`, `Stage Build FAILED`, `Action Build SUCCEEDED`. */
  told(executionId: string): string[] {
    return this.events.flatMap(({ "detail-type": type, detail }) => {
      const { state, stage, action, ...rest } = detail as Record<string, string>;
      const [, what = ""] = /CodePipeline (\w+) Execution State Change/.exec(type) ?? [];
      const name = action ?? stage;
      return rest["execution-id"] === executionId
        ? [[what, name, state].filter((part) => part !== undefined).join(" ")]
        : [];
    });
  }

  async until(condition: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!(await condition())) {
      if (Date.now() > deadline) {
        const runs = await this.actionExecutions();
        throw new Error(
          `what was waited for did not happen: ${runs.map((run) => `${run.actionName} ${run.status} ${JSON.stringify(run.output?.executionResult?.errorDetails)}`).join("\n")}`,
        );
      }
      await sleep(15);
    }
  }

  private publish(request: HttpRequest) {
    const form = new URLSearchParams(Buffer.from(request.body).toString("utf8"));
    const [topic, subject, message] = ["TopicArn", "Subject", "Message"].map((name) => form.get(name) ?? "");
    this.published.push({ topic: topic!, subject: subject!, message: JSON.parse(message!) });
    return xml("<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>");
  }
}

/** AssumeRole, for whomever asks. */
function assumed(request: HttpRequest) {
  const form = new URLSearchParams(Buffer.from(request.body).toString("utf8"));
  const keys = fakeSessions.assume(form.get("RoleArn") ?? "", form.get("RoleSessionName") ?? "");
  return xml(
    `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>${keys.accessKeyId}</AccessKeyId><SecretAccessKey>${keys.secretAccessKey}</SecretAccessKey><SessionToken>${keys.sessionToken}</SessionToken></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
  );
}

const xml = (body: string) => ({ status: 200, headers: { "content-type": "text/xml" }, body });

function git(repository: string, ...args: readonly string[]): string {
  const identity = { GIT_AUTHOR_NAME: "Ann", GIT_AUTHOR_EMAIL: "ann@example.com" };
  const committer = { GIT_COMMITTER_NAME: "Ann", GIT_COMMITTER_EMAIL: "ann@example.com" };
  const env = { ...gitEnvironment(), ...identity, ...committer };
  return execFileSync("git", ["-C", repository, ...UNSIGNED_AND_UNCHECKED, ...args], { env, encoding: "utf8" }).trim();
}
