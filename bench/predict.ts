import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { testPython } from "pulumi-engine/testing/python";
import { compare, type Benchmark } from "./measure";
import { CALL, KINDS, Model } from "./predict/called";

const ROOT = resolve(__dirname, "..");
const PARTS = join(__dirname, "predict");

/** What `predict` adds to a call of a model: without the start of Node itself, and without the model. */
export const predict: Benchmark = {
  tells:
    "what `predict` adds to a call of a model (cold; warm, after 200 calls; settled, after 5000), against AWS's sample in Python",
  async run(options) {
    const folder = await mkdtemp(join(tmpdir(), "safe-deploy-bench-"));
    const model = await Model.start();
    try {
      const forward = join(folder, "forward.js");
      await bundle(join(PARTS, "forward.ts"), forward);
      const [node, caller] = CALL;
      const figures = [];
      for (const kind of KINDS) {
        const inNode = (name: string, handler: string) => ({
          name: `${name}, ${kind}`,
          round: () => model.called(node, [caller, handler], kind),
        });
        figures.push(
          ...(await compare(
            [
              {
                name: `the sample's way, ${kind}`,
                round: () => model.called(testPython(), [join(PARTS, "call.py"), join(PARTS, "forward.py")], kind),
              },
              inNode("a handler that only forwards", forward),
              inNode("predict", join(ROOT, "dist/handlers/predict/index.js")),
            ],
            options,
          )),
        );
      }
      return figures;
    } finally {
      model.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** As the project's own handlers are bundled. */
async function bundle(source: string, outfile: string): Promise<void> {
  const common = { platform: "node", format: "cjs", target: "node20", bundle: true, minify: true } as const;
  await build({ ...common, entryPoints: [source], outfile, mainFields: ["module", "main"], legalComments: "none" });
}
