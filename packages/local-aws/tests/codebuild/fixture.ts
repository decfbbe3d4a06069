import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  BatchGetBuildsCommand,
  CodeBuildClient,
  CreateProjectCommand,
  StartBuildCommand,
  type Build,
  type CreateProjectCommandInput,
  type StartBuildCommandInput,
} from "@aws-sdk/client-codebuild";
import { codeBuild } from "../../services/codebuild";
import type { CodeBuildOptions } from "../../services/codebuild/context";
import { LOCAL_ACCOUNT } from "../../core/account";
import { Clock } from "../../core/clock";
import { Faults } from "../../core/faults";
import { signedService, type Service } from "../../core/http";
import { initiatedBy } from "../../core/initiator";
import type { RoleSessions } from "../../core/local";
import { serve, type Served } from "../../testing/serve";
import { FakeS3 } from "./fake-s3";

export const ROLE = "arn:aws:iam::123456789012:role/build";
export const KEY = "arn:aws:kms:us-east-1:123456789012:key/build";
const PATIENCE_MS = 8000;

/** Sessions whose keys tell whose they are. A role named `nobody` does not exist; one named `mute` may do nothing. */
export const fakeSessions: RoleSessions = {
  assume: (roleArn, sessionName) => ({
    accessKeyId: `KEYOF${roleArn.slice(roleArn.lastIndexOf("/") + 1)}`,
    secretAccessKey: "secret",
    sessionToken: `token of ${sessionName}`,
  }),
  assumeAs: async (service, roleArn, sessionName) => {
    if (roleArn.endsWith("/nobody")) {
      throw new Error(`${service} may not assume ${roleArn}`);
    }
    return fakeSessions.assume(roleArn, sessionName);
  },
  sessionOf: () => {
    throw new Error("this test knows no sessions by their keys");
  },
  authorize: async ({ accessKeyId }, { action }) => {
    if (accessKeyId === "KEYOFmute") {
      throw new Error(`not authorized to perform: ${action}`);
    }
  },
};

/** CodeBuild with an S3 that keeps objects in memory. */
export class Fixture {
  readonly s3 = new FakeS3();
  readonly client: CodeBuildClient;
  readonly logs: { group: string; stream: string; line: string }[] = [];

  private constructor(
    readonly clock: Clock,
    readonly scratchDir: string,
    readonly faults: Faults,
    private readonly served: Served,
    private readonly codeBuild: () => Service,
  ) {
    this.client = new CodeBuildClient(served.client);
  }

  static async start(speed = 6000, options: CodeBuildOptions = { timeoutSpeed: 60 }): Promise<Fixture> {
    const clock = new Clock(speed);
    const faults = new Faults();
    const scratchDir = await mkdtemp(join(tmpdir(), "codebuild test "));
    const parts: { service?: Service; fixture?: Fixture } = {};
    const served = await serve((endpoint) => {
      const local = {
        ...{ clock, account: LOCAL_ACCOUNT, endpoint, scratchDir, sessions: fakeSessions },
        faults,
        logs: {
          write: (group: string, stream: string, lines: readonly string[]) => {
            parts.fixture?.logs.push(...lines.map((line) => ({ group, stream, line })));
          },
        },
      };
      parts.service = codeBuild(local, options);
      return (request) => (signedService(request) === "s3" ? parts.fixture?.s3.service : parts.service);
    });
    parts.fixture = new Fixture(clock, scratchDir, faults, served, () => parts.service!);
    return parts.fixture;
  }

  async closeService(): Promise<void> {
    await this.codeBuild().close?.();
  }

  async close(): Promise<void> {
    await this.closeService();
    this.clock.stop();
    this.client.destroy();
    await this.served.close();
    await rm(this.scratchDir, { recursive: true, force: true });
  }

  /** A project named `release`, of the source that CodePipeline gives; `changes` win. */
  async createProject(changes: Partial<CreateProjectCommandInput> = {}) {
    const input: CreateProjectCommandInput = {
      name: "release",
      source: { type: "CODEPIPELINE" },
      artifacts: { type: "CODEPIPELINE" },
      environment: {
        type: "LINUX_CONTAINER",
        image: "aws/codebuild/amazonlinux-x86_64-standard:5.0",
        computeType: "BUILD_GENERAL1_SMALL",
      },
      serviceRole: ROLE,
      encryptionKey: KEY,
      ...changes,
    };
    return (await this.client.send(new CreateProjectCommand(input))).project!;
  }

  /** A project that needs no source, with this buildspec. */
  async createInline(buildspec: object, changes: Partial<CreateProjectCommandInput> = {}) {
    return this.createProject({
      source: { type: "NO_SOURCE", buildspec: JSON.stringify({ version: 0.2, ...buildspec }, undefined, 1) },
      artifacts: { type: "NO_ARTIFACTS" },
      ...changes,
    });
  }

  async startBuild(changes: Partial<StartBuildCommandInput> = {}): Promise<string> {
    return (await this.client.send(new StartBuildCommand({ projectName: "release", ...changes }))).build!.id!;
  }

  /** As CodePipeline starts a build. */
  async startForPipeline(changes: Partial<StartBuildCommandInput> = {}): Promise<string> {
    const command = new StartBuildCommand({
      projectName: "release",
      sourceTypeOverride: "CODEPIPELINE",
      artifactsOverride: { type: "CODEPIPELINE" },
      ...changes,
    });
    command.middlewareStack.use(initiatedBy("codepipeline/release"));
    return (await this.client.send(command)).build!.id!;
  }

  async build(id: string): Promise<Build> {
    return (await this.client.send(new BatchGetBuildsCommand({ ids: [id] }))).builds![0]!;
  }

  async ended(id: string): Promise<Build> {
    await this.until(async () => (await this.build(id)).buildComplete === true);
    return this.build(id);
  }

  /** Runs an inline buildspec to its end. */
  async run(buildspec: object): Promise<Build> {
    await this.createInline(buildspec);
    return this.ended(await this.startBuild());
  }

  /** The log without CodeBuild's own lines. */
  get printed(): readonly string[] {
    return this.logs.map(({ line }) => line).filter((line) => !line.startsWith("[Container]"));
  }

  /** CodeBuild's own lines without their times. */
  get said(): readonly string[] {
    return this.logs.flatMap(({ line }) => /^\[Container\] \S+ \S+ (.*)$/s.exec(line)?.[1] ?? []);
  }

  async until(condition: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!(await condition())) {
      if (Date.now() > deadline) {
        throw new Error(`what was waited for did not happen; the log: ${this.logs.map(({ line }) => line).join("\n")}`);
      }
      await sleep(15);
    }
  }
}

/** Phases as `BUILD SUCCEEDED`. */
export function phasesOf(build: Build): string[] {
  return (build.phases ?? []).map(({ phaseType, phaseStatus }) => `${phaseType ?? ""} ${phaseStatus ?? ""}`.trim());
}
