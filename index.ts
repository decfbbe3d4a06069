/** Entry of the Pulumi program: picks the stack's function by the stack's kind and exports its outputs. */
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { configSchemas, parseConfig } from "./lib/config";
import { reported } from "./lib/errors";
import { MODEL_FOLDER, readModel } from "./lib/model";
import { packageRoot } from "./lib/package-root";
import { kindOf, stackNameProblems } from "./lib/stack-name";
import { dev } from "./stacks/dev";
import { pipeline } from "./stacks/pipeline";
import { prod } from "./stacks/prod";
import { keepRolesTogether } from "./stacks/roles";
import { train } from "./stacks/train";

/**
 * Pulumi notes a stack trace with each of its promises, some hundred of them. Its runtime maps every line of them to the source, which takes
 * an eighth of a preview. So they stay as they are, and only the trace of a defect is mapped.
 */
const mapping = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace") ?? {};
Reflect.deleteProperty(Error, "prepareStackTrace");

export = async () => {
  const stack = pulumi.getStack();
  try {
    const values = projectConfig();
    const model = readModel(resolve(packageRoot(), values.modelFolder ?? MODEL_FOLDER));
    const nameProblems = stackNameProblems(stack, values.model ?? model.name).map(
      (line) => `the stack's name: ${line}`,
    );
    const named = <Config extends { readonly model?: string }>(config: Config) => ({
      ...config,
      model: config.model ?? model.name,
    });
    switch (kindOf(stack, values.kind)) {
      case "train":
        return await train(ofModel(stack, named(parseConfig(configSchemas.train, values, nameProblems))), model);
      case "dev":
        return await dev(ofModel(stack, named(parseConfig(configSchemas.dev, values, nameProblems))), model);
      case "prod":
        return await prod(ofModel(stack, named(parseConfig(configSchemas.prod, values, nameProblems))), model);
      case "pipeline":
        // This stack's roles lie elsewhere, so that the roles that deploy cannot reach them.
        return await pipeline(named(parseConfig(configSchemas.pipeline, values)), model);
    }
  } catch (error) {
    throw forPeople(error);
  }
};

/** Puts the stack's roles below the IAM path where the pipeline may create them. */
function ofModel<Config extends { readonly model: string; readonly permissionsBoundaryArn?: string }>(
  stack: string,
  config: Config,
): Config {
  keepRolesTogether(config.model, stack, config.permissionsBoundaryArn);
  return config;
}

/** An error of which Pulumi shows only the message. That of a defect has its stack. */
function forPeople(error: unknown): Error {
  Object.defineProperty(Error, "prepareStackTrace", mapping);
  const shown = error instanceof pulumi.ResourceError ? error : new pulumi.RunError(reported(error).message);
  // The stack trace is never shown, but Pulumi renders it. With source maps that takes half a minute on Node 20.
  shown.stack = undefined;
  return shown;
}

/** The config values of this project, without those of the providers. */
function projectConfig(): Record<string, string> {
  const prefix = `${pulumi.getProject()}:`;
  const all = Object.entries(pulumi.runtime.allConfig());
  return Object.fromEntries(
    all.filter(([key]) => key.startsWith(prefix)).map(([key, value]) => [key.slice(prefix.length), value]),
  );
}
