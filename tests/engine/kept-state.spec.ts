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
/** Resources behind which is work that must not be done again: jobs, a rollout, a check of an endpoint. */
const DYNAMIC = "pulumi-nodejs:dynamic";

const preview = z.object({
  steps: z.array(z.object({ op: z.string(), urn: z.string(), diffReasons: z.array(z.string()).nullish() })),
});

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
      await local.configure(stack, RELEASE, { kmsKeyArn });
      await local.project.run(["stack", "import", "--stack", stack, "--file", file]);

      const { steps } = preview.parse(
        JSON.parse((await local.project.run(["preview", "--json", "--show-sames", "--stack", stack])).join("\n")),
      );

      const inWords = steps.map(
        ({ op, urn, diffReasons }) => `${op} ${urn.split("::").slice(2).join(" ")} ${diffReasons?.join(", ") ?? ""}`,
      );
      expect(inWords.filter((step) => !HARMLESS.some((op) => step.startsWith(`${op} `)))).to.deep.equal([]);
      const ofWork = inWords.filter((step) => step.includes(DYNAMIC));
      expect(ofWork).not.to.deep.equal([]);
      // What is new there looks for a failed endpoint, and finds none.
      const isNew = (step: string) => step.startsWith("create ") && step.includes(":FailedEndpointRemoval ");
      expect(ofWork.filter((step) => !step.startsWith("same ") && !isNew(step))).to.deep.equal([]);
    });
  }
});

/** The state of the earlier version, in a file, and the key that it was made with. */
async function kept(stack: Stack): Promise<{ file: string; kmsKeyArn: string }> {
  const state = gunzipSync(await readFile(join(__dirname, "kept-state", `${stack}.json.gz`))).toString();
  const file = join(__dirname, "../../.local/tests", `kept-${stack}.json`);
  await writeFile(file, state);
  return { file, kmsKeyArn: /arn:aws:kms:[^"\\]+/.exec(state)?.[0] ?? "" };
}
