import { resolve } from "node:path";
import type { Model } from "../../lib/model";
import { modelName, modelPrefix } from "../../lib/release";
import { Project } from "./project";
import type { Terminal } from "./terminal";

/** What clients of the AWS SDK are made with. What is not here they find by themselves, as the AWS CLI does. */
export interface AwsSettings {
  readonly region?: string;
  readonly profile?: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Options that every command has. */
export interface CommonOptions {
  readonly json?: true;
  readonly model?: string;
  readonly project?: string;
  readonly region?: string;
  readonly profile?: string;
}

/** What a command works with: the account, the project's files, and the terminal. */
export class Context {
  readonly project: Project;
  /** Region and profile: as an option says, as the project's stacks have them, or as the environment does. */
  readonly aws: AwsSettings;
  private account: Promise<string> | undefined;

  constructor(
    private readonly options: CommonOptions,
    readonly terminal: Terminal,
    readonly env: NodeJS.ProcessEnv,
  ) {
    this.project = new Project(resolve(options.project ?? env.SAFE_DEPLOY_PROJECT ?? "."));
    const region = options.region ?? this.ofStacks("aws:region");
    const profile = options.profile ?? this.ofStacks("aws:profile");
    this.aws = { ...(region === undefined ? {} : { region }), ...(profile === undefined ? {} : { profile }) };
  }

  /** Name of the model. @throws if nothing says it */
  get model(): string {
    const name = this.options.model ?? this.ofStacks("model") ?? this.project.model()?.name;
    if (name === undefined) {
      throw new Error(
        `nothing says which model: add --model <name>, or call this in the folder of the project (${this.project.folder} has no model/)`,
      );
    }
    const { data, error } = modelName.safeParse(name);
    if (data === undefined) {
      throw new Error(`--model ${error.issues[0]?.message}, got "${name}"`);
    }
    return data;
  }

  /** Beginning of all names of the model, such as `mlops-nyctaxi`. */
  get prefix(): string {
    return modelPrefix(this.model);
  }

  /** The model as the project's folder defines it. @throws if this is no such project, or that of another model */
  get definition(): Model {
    const found = this.project.model();
    if (found === undefined) {
      throw new Error(
        `${this.project.folder} has no folder of a model: call this in the project's folder, or add --project <folder>`,
      );
    }
    const own = this.ofStacks("model") ?? found.name;
    if (own !== this.model) {
      throw new Error(
        `the project in ${this.project.folder} is that of model ${own}, whose data and columns are not those of ${this.model}: ` +
          `add --project <folder of ${this.model}>`,
      );
    }
    return found;
  }

  /** Name of the model's pipeline. */
  get pipelineName(): string {
    return `${this.prefix}-pipeline`;
  }

  /** Number of the account. */
  accountId(): Promise<string> {
    return (this.account ??= askAccount(this.aws));
  }

  /** Region of the clients. */
  async region(): Promise<string> {
    const { STSClient } = await import("@aws-sdk/client-sts");
    return new STSClient(this.aws).config.region();
  }

  /** Bucket of data, archives and captures: the one of the stacks' config, or SageMaker's own. */
  async bucket(): Promise<string> {
    return this.ofStacks("bucket") ?? `sagemaker-${await this.region()}-${await this.accountId()}`;
  }

  /** Value of a key that all stacks have, from the first file that says it. */
  private ofStacks(key: string): string | undefined {
    for (const stack of ["pipeline", "prod", "train", "dev"]) {
      const value = this.project.value(stack, key);
      if (value !== undefined) {
        return value;
      }
    }
    return undefined;
  }
}

async function askAccount(aws: AwsSettings): Promise<string> {
  const { GetCallerIdentityCommand, STSClient } = await import("@aws-sdk/client-sts");
  const { Account } = await new STSClient(aws).send(new GetCallerIdentityCommand({}));
  if (Account === undefined) {
    throw new Error("AWS STS does not tell the account of these credentials");
  }
  return Account;
}
