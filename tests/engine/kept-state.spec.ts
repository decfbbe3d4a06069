import { expect } from "chai";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { LocalProject } from "../support/local-project";
import type { Stack } from "../../local/journey/project";

const RELEASE = "r1";
/** What an update may do to a resource of the earlier version without taking away what serves. */
const HARMLESS = ["same", "read", "update", "create"];
/** Resources behind which is work that must not be done again. A rollout may be updated: it leaves a release alone that is live. */
const WORK = ["TrainingJobRun", "EndpointCheck", "LambdaRollout"];
/**
 * What goes all the same. Once its log role has gone, `pulumi up --refresh` lets `ApiGatewayLogRole` set one that stays. A baseline by
 * another script is another job.
 */
const GOES = ["api-rest-account", "api-rest-log-role", "baseline-r1", "baseline-r1-script"];
/** Values with which a release of that version goes on: its jobs were not isolated, and a job is never run anew under its name. */
const VALUES = { train: { networkIsolation: "false" }, dev: {}, prod: {} };

const step = z.object({ op: z.string(), urn: z.string(), diffReasons: z.array(z.string()).nullish() });
type Step = z.infer<typeof step>;
const preview = z.object({ steps: z.array(step) });

describe("stacks of an earlier version, on the real engine", function () {
  this.timeout(120_000);
  let local: LocalProject;

  before(async () => {
    local = await LocalProject.start();
  });
  after(() => local.close());

  for (const stack of ["train", "dev", "prod"] as const) {
    it(`${stack}: today's program takes over, and neither replaces anything nor does any work again`, async () => {
      const { file, kmsKeyArn } = await kept(stack);
      await local.configure(stack, RELEASE, { kmsKeyArn, ...VALUES[stack] });
      await local.project.run(["stack", "import", "--stack", stack, "--file", file]);

      const { steps } = preview.parse(
        JSON.parse((await local.project.run(["preview", "--json", "--show-sames", "--stack", stack])).join("\n")),
      );

      const stays = steps.filter(({ urn }) => !GOES.some((name) => urn.endsWith(`::${name}`)));
      expect(inWords(stays.filter(({ op }) => !HARMLESS.includes(op)))).to.deep.equal([]);
      const work = steps.filter(({ urn }) => WORK.some((kind) => urn.includes(`:${kind}::`)));
      expect(work).not.to.deep.equal([]);
      const again = work.filter(
        ({ op, urn }) => op !== "same" && !(op === "update" && urn.includes(":LambdaRollout::")),
      );
      expect(inWords(again)).to.deep.equal([]);
    });
  }
});

const inWords = (steps: readonly Step[]) =>
  steps.map(
    ({ op, urn, diffReasons }) => `${op} ${urn.split("::").slice(2).join(" ")} ${diffReasons?.join(", ") ?? ""}`,
  );

/** The state of the earlier version, in a file, and the key that it was made with. */
async function kept(stack: Stack): Promise<{ file: string; kmsKeyArn: string }> {
  const state = gunzipSync(await readFile(join(__dirname, "kept-state", `${stack}.json.gz`))).toString();
  const file = join(__dirname, "../../.local/tests", `kept-${stack}.json`);
  await writeFile(file, state);
  return { file, kmsKeyArn: /arn:aws:kms:[^"\\]+/.exec(state)?.[0] ?? "" };
}
