/** Entry of the Pulumi program: picks the stack's function by the stack's name and exports its outputs. */
import * as pulumi from "@pulumi/pulumi";
import { configSchemas, parseConfig } from "./lib/config";
import { dev } from "./stacks/dev";
import { prod } from "./stacks/prod";
import { train } from "./stacks/train";

export = async () => {
  const stack = pulumi.getStack();
  const values = projectConfig();
  try {
    switch (stack) {
      case "train":
        return await train(parseConfig(configSchemas.train, values));
      case "dev":
        return await dev(parseConfig(configSchemas.dev, values));
      case "prod":
        return await prod(parseConfig(configSchemas.prod, values));
      default:
        throw new Error(`there is no stack "${stack}"; this project has train, dev and prod`);
    }
  } catch (error) {
    throw forPeople(error);
  }
};

/** The error as Pulumi shows one that is the user's to mend: its message alone. */
function forPeople(error: unknown): Error {
  const shown =
    error instanceof pulumi.ResourceError
      ? error
      : new pulumi.RunError(error instanceof Error ? error.message : String(error));
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
