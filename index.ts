/** Entry of the Pulumi program: picks the stack's function by the stack's name and exports its outputs. */
import * as pulumi from "@pulumi/pulumi";
import { configSchemas, parseConfig } from "./lib/config";
import { explained } from "./lib/errors";
import { dev } from "./stacks/dev";
import { pipeline } from "./stacks/pipeline";
import { prod } from "./stacks/prod";
import { keepRolesTogether } from "./stacks/roles";
import { train } from "./stacks/train";

export = async () => {
  const stack = pulumi.getStack();
  const values = projectConfig();
  try {
    switch (stack) {
      case "train":
        return await train(ofModel(stack, parseConfig(configSchemas.train, values)));
      case "dev":
        return await dev(ofModel(stack, parseConfig(configSchemas.dev, values)));
      case "prod":
        return await prod(ofModel(stack, parseConfig(configSchemas.prod, values)));
      case "pipeline":
        // Its roles lie elsewhere: those that deploy must not reach them.
        return await pipeline(parseConfig(configSchemas.pipeline, values));
      default:
        throw new Error(`there is no stack "${stack}"; this project has train, dev, prod and pipeline`);
    }
  } catch (error) {
    throw forPeople(error);
  }
};

/** Puts the roles that the stack makes where the pipeline may make them. */
function ofModel<Config extends { readonly model: string; readonly permissionsBoundaryArn?: string }>(
  stack: "train" | "dev" | "prod",
  config: Config,
): Config {
  keepRolesTogether(config.model, stack, config.permissionsBoundaryArn);
  return config;
}

/** The error as Pulumi shows one that is the user's to mend: its message alone. */
function forPeople(error: unknown): Error {
  const shown =
    error instanceof pulumi.ResourceError
      ? error
      : new pulumi.RunError(explained(error).message);
  // Never shown, but Pulumi renders it, and on Node 20 that takes half a minute for a stack trace with source maps.
  shown.stack = undefined;
  return shown;
}

/** The config values of this project, without those of providers. */
function projectConfig(): Record<string, string> {
  const prefix = `${pulumi.getProject()}:`;
  const all = Object.entries(pulumi.runtime.allConfig());
  return Object.fromEntries(
    all.filter(([key]) => key.startsWith(prefix)).map(([key, value]) => [key.slice(prefix.length), value]),
  );
}
