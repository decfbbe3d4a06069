import { readFile, writeFile } from "node:fs/promises";
import { parse, stringify } from "yaml";
import { z } from "zod";
import type { PulumiStack } from "../support/pulumi";

const PAGE = 20;

const config = z
  .record(z.string(), z.object({ value: z.string().optional(), secret: z.boolean().default(false) }))
  .default({});
type Config = z.output<typeof config>;

const updates = z.array(z.object({ kind: z.string(), result: z.string(), config }));

const stackFile = z.looseObject({ config: z.record(z.string(), z.unknown()).default({}) });

/**
 * Writes the config with which a release was last deployed into the file of the stack. Secrets are those of the newest deployment: they stay
 * encrypted.
 *
 * @throws if the stack's history has no such deployment, or if a secret of it is not there any more
 */
export async function writeConfigOf(stack: PulumiStack, release: string): Promise<void> {
  const { configFile } = stack;
  await stack.run(["config", "refresh", "--force", "--config-file", configFile]);
  const newest = stackFile.parse(parse(await readFile(configFile, "utf8")));
  const earlier = Object.entries(await configOf(stack, release));
  // A value that has a secret somewhere in it is one.
  const wereSecret = earlier.flatMap(([key, { secret }]) => (secret ? [key] : []));
  const lost = wereSecret.filter((key) => !(key in newest.config));
  if (lost.length > 0) {
    throw new Error(
      `release ${release} was deployed with ${lost.join(", ")}, a secret that stack ${stack.name} has not got any more: ` +
        "set it and release by pulumi config, and call pulumi up",
    );
  }
  const secrets = Object.entries(newest.config).filter(([key, value]) => wereSecret.includes(key) || isSecret(value));
  const plain = earlier.flatMap(([key, { value, secret }]) =>
    value === undefined || secret ? [] : [[key, value] as const],
  );
  const whole = { ...newest, config: Object.fromEntries([...plain, ...secrets]) };
  await writeFile(configFile, stringify(whole), { mode: 0o600 });
}

const isSecret = (value: unknown) => typeof value === "object" && value !== null && "secure" in value;

async function configOf(stack: PulumiStack, release: string): Promise<Config> {
  for (let page = 1; ; page++) {
    const printed = await stack.run([
      "stack",
      "history",
      "--json",
      "--page-size",
      String(PAGE),
      "--page",
      String(page),
    ]);
    const all = updates.parse(JSON.parse(printed === "" ? "[]" : printed));
    const found = all.find(
      ({ kind, result, config: its }) => kind === "update" && result === "succeeded" && releaseIn(its) === release,
    );
    if (found !== undefined) {
      return found.config;
    }
    if (all.length < PAGE) {
      throw new Error(
        `no deployment of release ${release} is in the history of stack ${stack.name}, so its config is not known`,
      );
    }
  }
}

/** The project's own key, whatever the project is called. */
function releaseIn(its: Config): string | undefined {
  return Object.entries(its).find(([key]) => key.endsWith(":release"))?.[1].value;
}
