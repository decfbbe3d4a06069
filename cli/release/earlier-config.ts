import { readFile, writeFile } from "node:fs/promises";
import { parse, stringify } from "yaml";
import { z } from "zod";
import type { PulumiStack } from "../support/pulumi";

const PAGE = 20;

const updates = z.array(
  z.object({
    kind: z.string(),
    result: z.string(),
    config: z
      .record(z.string(), z.object({ value: z.string().optional(), secret: z.boolean().optional() }))
      .default({}),
  }),
);

const stackFile = z.looseObject({ config: z.record(z.string(), z.unknown()).default({}) });

/**
 * Writes the config with which a release was last deployed into the file of the stack. Secrets are those of the newest deployment: they stay
 * encrypted.
 *
 * @throws if the stack's history has no such deployment
 */
export async function writeConfigOf(stack: PulumiStack, release: string): Promise<void> {
  const { configFile } = stack;
  await stack.run(["config", "refresh", "--force", "--config-file", configFile]);
  const newest = stackFile.parse(parse(await readFile(configFile, "utf8")));
  const secrets = Object.entries(newest.config).filter(
    ([, value]) => typeof value === "object" && value !== null && "secure" in value,
  );
  const own = await plainConfigOf(stack, release);
  await writeFile(configFile, stringify({ ...newest, config: { ...own, ...Object.fromEntries(secrets) } }), {
    mode: 0o600,
  });
}

async function plainConfigOf(stack: PulumiStack, release: string): Promise<Record<string, string>> {
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
      ({ kind, result, config }) => kind === "update" && result === "succeeded" && releaseIn(config) === release,
    );
    if (found !== undefined) {
      return Object.fromEntries(
        Object.entries(found.config).flatMap(([key, { value, secret = false }]) =>
          value === undefined || secret ? [] : [[key, value]],
        ),
      );
    }
    if (all.length < PAGE) {
      throw new Error(
        `no deployment of release ${release} is in the history of stack ${stack.name}, so its config is not known`,
      );
    }
  }
}

/** The project's own key, whatever the project is called. */
function releaseIn(config: Readonly<Record<string, { readonly value?: string }>>): string | undefined {
  return Object.entries(config).find(([key]) => key.endsWith(":release"))?.[1].value;
}
