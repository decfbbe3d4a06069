import { mkdtemp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { prepareData } from "../../cli/data/program";
import { uploadData } from "../../cli/data/upload";
import { setUpAccount, type AccountSetup } from "../../local/journey/account";
import { stackConfig } from "../../local/journey/local-config";
import { ownModel } from "../../local/journey/models";
import { PulumiProject, type Stack, type UpResult } from "../../local/journey/project";
import { startLocalAws, type LocalAws } from "local-aws";
import { clientConfig } from "local-aws/core/local";
import { testPython } from "pulumi-engine/testing/python";

const ROOT = resolve(__dirname, "../..");
export const SPEED = 600;

/** The project's stacks on the real engine and a local AWS of their own, with a small set of data. */
export class LocalProject {
  private constructor(
    readonly aws: LocalAws,
    readonly project: PulumiProject,
    readonly account: AccountSetup,
    private readonly dir: string,
  ) {}

  static async start(): Promise<LocalProject> {
    const parent = join(ROOT, ".local", "tests");
    await mkdir(parent, { recursive: true });
    const dir = await mkdtemp(join(parent, "stack-"));
    // Not where the project's own config is, so that nothing can rely on that.
    const aws = await startLocalAws({
      python: testPython(),
      speed: SPEED,
      functionsUseRoles: true,
      region: "eu-west-1",
    });
    const command = enginePath();
    const project = await PulumiProject.create({
      root: ROOT,
      dir: join(dir, "project"),
      pulumi: { command, pathDir: dirname(command), version: "" },
      environment: aws.environment,
    });
    const account = await setUpAccount(aws);
    const model = ownModel();
    await prepareData(testPython(), model, { files: [], rows: 4000 }, join(dir, "data"));
    await uploadData(clientConfig(aws), account.bucket, model, join(dir, "data"));
    return new LocalProject(aws, project, account, dir);
  }

  /** Sets a stack's config for a release, with some values of the test's own. */
  configure(stack: Stack, release: string, values: Readonly<Record<string, string>> = {}): Promise<void> {
    const own = stackConfig(
      stack,
      { model: ownModel(), id: release, hyperparameters: { num_round: "20" } },
      this.account,
      SPEED,
    );
    return this.project.configure(stack, { "aws:region": this.aws.account.region, ...own, ...values });
  }

  /** `pulumi up`, which has to succeed. */
  async up(stack: Stack, release: string, values: Readonly<Record<string, string>> = {}): Promise<void> {
    const result = await this.tryUp(stack, release, values);
    if (!result.ok) {
      throw new Error(result.errors.join("\n"));
    }
  }

  async tryUp(stack: Stack, release: string, values: Readonly<Record<string, string>> = {}): Promise<UpResult> {
    await this.configure(stack, release, values);
    return this.project.up(stack);
  }

  /**
   * Fails where an update would change anything, or where AWS is not as the state says.
   *
   * @param options more of `pulumi preview`
   */
  async expectNoChanges(stack: Stack, options: readonly string[] = []): Promise<void> {
    await this.project.run(["preview", "--refresh", "--stack", stack, "--expect-no-changes", "--diff", ...options]);
  }

  /** Does something with the program compiled from source, as the project's own `Pulumi.yaml` has it, not with the built one. */
  async fromSource(work: () => Promise<void>): Promise<void> {
    const project = join(this.dir, "project");
    const settings = await readFile(join(project, "Pulumi.yaml"), "utf8");
    const { runtime } = parse(await readFile(join(ROOT, "Pulumi.yaml"), "utf8")) as { runtime: unknown };
    const up = relative(project, ROOT);
    await writeFile(
      join(project, "Pulumi.yaml"),
      stringify({ ...(parse(settings) as object), main: "index.ts", runtime }),
    );
    await writeFile(
      join(project, "index.ts"),
      `import program = require(${JSON.stringify(join(up, "index"))});\nexport = program;\n`,
    );
    await writeFile(
      join(project, "tsconfig.json"),
      JSON.stringify({ extends: join(up, "tsconfig.json"), include: ["index.ts"] }),
    );
    await rename(join(project, "index.js"), join(project, "built.js"));
    try {
      await work();
    } finally {
      await rename(join(project, "built.js"), join(project, "index.js"));
      await rm(join(project, "index.ts"));
      await rm(join(project, "tsconfig.json"));
      await writeFile(join(project, "Pulumi.yaml"), settings);
    }
  }

  /** What runs the engine on these stacks by itself. */
  place() {
    return { command: enginePath(), ...this.project.place() };
  }

  async destroy(stack: Stack): Promise<void> {
    await this.project.run(["destroy", "--stack", stack, "--yes", "--skip-preview"]);
  }

  async close(): Promise<void> {
    await this.project.stop();
    await this.aws.close();
    await rm(this.dir, { recursive: true, force: true });
  }
}

function enginePath(): string {
  const command = process.env.SAFE_DEPLOY_PULUMI;
  if (command === undefined) {
    throw new Error("no Pulumi engine: run these tests by `npm run test:engine`, which gets one");
  }
  return command;
}
