import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { CodePipelineClient } from "@aws-sdk/client-codepipeline";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { strToU8, zipSync } from "fflate";
import { clientConfig } from "local-aws/core/local";
import { setUpAccount, type AccountSetup } from "../../local/journey/account";
import { setUpState, stateOf, type PulumiState } from "../../local/journey/pipeline-stack";
import { PulumiProject } from "../../local/journey/project";
import { startLocalAws, type LocalAws, type LocalAwsOptions } from "local-aws";
import { inbox, type Inbox } from "local-aws/testing/inbox";
import { Executions } from "./pipeline-executions";
import { Operator } from "./pipeline-operator";
import { testPython } from "pulumi-engine/testing/python";
import { POLICIES } from "./policies";

const ROOT = resolve(__dirname, "../..");
const SPEED = 600;
export const PIPELINE = "mlops-nyctaxi-pipeline";
export const PULL_REQUESTS = `pr-${PIPELINE}`;
export const CONNECTION = "arn:aws:codeconnections:us-east-1:123456789012:connection/c-1";

/** What the stacks' builds are run with, made in a folder of the lab's own. */
export interface Workshop {
  /** Path of the git repository that is the pipeline's source. */
  readonly repository: string;
  readonly builds?: LocalAwsOptions["builds"];
}

/** What a lab is made of. */
export interface LabParts {
  readonly aws: LocalAws;
  readonly project: PulumiProject;
  readonly account: AccountSetup;
  /** What some role was not allowed, in AWS's words. */
  readonly denials: readonly string[];
  /** Folder for what the lab's people need. */
  readonly dir: string;
  /** Ends all of it. */
  readonly close: () => Promise<void>;
}

/** Stack `pipeline` on the real engine and a local AWS of its own, in an account that has what `docs/aws.md` asks for. */
export class PipelineLab {
  readonly aws: LocalAws;
  readonly project: PulumiProject;
  readonly account: AccountSetup;
  readonly denials: readonly string[];
  readonly state: PulumiState;
  readonly executions: Executions;
  readonly pullRequests: Executions;

  constructor(private readonly parts: LabParts) {
    const { aws, project, account, denials } = parts;
    this.aws = aws;
    this.project = project;
    this.account = account;
    this.denials = denials;
    this.state = stateOf(aws);
    const client = new CodePipelineClient(clientConfig(aws));
    this.executions = new Executions(aws, client, PIPELINE);
    this.pullRequests = new Executions(aws, client, PULL_REQUESTS);
  }

  /** A lab of its own, with an account that no pipeline is in yet. */
  static async start(workshop: (dir: string) => Promise<Workshop>, speed = SPEED): Promise<PipelineLab> {
    const parent = join(ROOT, ".local", "tests");
    await mkdir(parent, { recursive: true });
    const dir = await mkdtemp(join(parent, "pipeline-"));
    const { repository, builds } = await workshop(dir);
    const aws = await startLocalAws({
      python: testPython(),
      speed,
      repository,
      builds,
      functionsUseRoles: true,
    });
    try {
      const project = await PulumiProject.create({
        root: ROOT,
        dir: join(dir, "project"),
        pulumi: pulumiCli(),
        environment: aws.environment,
      });
      const account = await setUpAccount(aws);
      await setUpState(aws, account);
      const close = async () => {
        await project.stop();
        await aws.close();
        await rm(dir, { recursive: true, force: true });
      };
      return new PipelineLab({ aws, project, account, denials: watchDenials(aws), dir, close });
    } catch (error) {
      await aws.close();
      throw error;
    }
  }

  /** `pulumi up` of stack `pipeline`, which has to succeed. */
  async up(values: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.project.configure("pipeline", {
      repository: JSON.stringify({
        ...{ type: "connection", connectionArn: CONNECTION, repository: "owner/name", branch: "main" },
      }),
      stateUrl: this.state.url,
      secretsProvider: this.state.secretsProvider,
      kmsKeyArn: this.account.kmsKeyArn,
      ...values,
    });
    const { ok, errors } = await this.project.up("pipeline");
    if (!ok) {
      throw new Error(errors.join("\n"));
    }
  }

  /** Fails where an update would change anything, where AWS is not as the state says, or where a rule of the policy pack is broken. */
  async expectNoChanges(): Promise<void> {
    const preview = ["preview", "--refresh", "--stack", "pipeline", "--expect-no-changes", "--diff"];
    await this.project.run([...preview, ...POLICIES]);
  }

  async destroy(): Promise<void> {
    await this.project.run(["destroy", "--stack", "pipeline", "--yes", "--skip-preview"]);
  }

  /** Somebody who works at the state of the stacks that the pipeline deploys; as the first one to log in there, they begin it. */
  async operator(): Promise<Operator> {
    const project = await PulumiProject.create({
      root: ROOT,
      dir: join(this.parts.dir, "operator"),
      pulumi: pulumiCli(),
      environment: { ...this.aws.environment, PULUMI_BACKEND_URL: this.state.url },
    });
    await project.run(["login", this.state.url]);
    return new Operator(project);
  }

  /** Somebody who reads what the stack's topic tells. */
  inbox(): Promise<Inbox> {
    // To make one of the same name is to be told the one that is there.
    return inbox(this.aws, `${PIPELINE}-notifications`);
  }

  /** Puts `data-source.zip` with these files where the pipeline looks for it. Returns its version id. */
  async putData(files: Readonly<Record<string, object>>): Promise<string> {
    const { artifactBucket } = await this.project.outputs("pipeline");
    const entries = Object.entries(files).map(([name, content]) => [name, strToU8(JSON.stringify(content))]);
    const { VersionId = "" } = await new S3Client(clientConfig(this.aws)).send(
      new PutObjectCommand({
        Bucket: String(artifactBucket),
        Key: `${PIPELINE}/data-source.zip`,
        Body: zipSync(Object.fromEntries(entries) as Record<string, Uint8Array>),
      }),
    );
    return VersionId;
  }

  close(): Promise<void> {
    return this.parts.close();
  }
}

/**
 * Everything that roles are refused from now on.
 *
 * @param propagationMs after which a refusal is asked for again, since a role or a policy that is new is not known everywhere yet @default 0
 */
export function watchDenials({ sessions }: LocalAws, propagationMs = 0): readonly string[] {
  const denials: string[] = [];
  const refusal = sessions.refusal.bind(sessions);
  sessions.refusal = async (session, permission) => {
    const refused = await refusal(session, permission);
    if (refused !== undefined && propagationMs === 0) {
      denials.push(refused);
    } else if (refused !== undefined) {
      setTimeout(() => {
        void refusal(session, permission).then((still) => still !== undefined && denials.push(still));
      }, propagationMs);
    }
    return refused;
  };
  return denials;
}

/** The engine that the tests were given. */
function pulumiCli() {
  const command = process.env.SAFE_DEPLOY_PULUMI;
  if (command === undefined) {
    throw new Error("no Pulumi engine: run these tests by `npm run test:engine`, which gets one");
  }
  return { command, pathDir: dirname(command), version: "" };
}
