import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import { LocalProject } from "../tests/support/local-project";
import { timed, type Place } from "./command";
import { compare, type Benchmark, type Case } from "./measure";

const RELEASE = "bench-1";
const STACKS = ["train", "dev", "prod"] as const;

/** How long an operation of the engine takes for each stack, against a program that has no resource. */
export const previews: Benchmark = {
  tells:
    "preview of each stack before it is there, and preview, up and refresh without a change, against an empty program",
  async run(options) {
    const { progress } = options;
    progress("a local AWS, and the stacks in it");
    const lab = await LocalProject.start();
    try {
      const there = lab.place();
      const empty = await emptyProgram(there);
      const engine = (name: string, stack: string, args: readonly string[], place: Place): Case => ({
        name,
        round: () => timed(there.command, [...args, "--stack", stack, "--non-interactive"], place),
      });
      await lab.up("train", RELEASE);
      for (const stack of STACKS) {
        await lab.configure(stack, RELEASE);
      }
      const preview = ["preview"];
      const before = await compare(
        [
          engine("preview of an empty program", "empty", preview, empty),
          engine("preview of dev, new", "dev", preview, there),
          engine("preview of prod, new", "prod", preview, there),
        ],
        options,
      );
      progress("the stacks dev and prod");
      await lab.up("dev", RELEASE);
      await lab.up("prod", RELEASE);
      const unchanged = [];
      for (const args of [preview, ["up", "--yes", "--skip-preview"], ["refresh", "--yes", "--skip-preview"]]) {
        const [operation = ""] = args;
        unchanged.push(
          ...(await compare(
            [
              engine(`${operation} of an empty program`, "empty", args, empty),
              ...STACKS.map((stack) => engine(`${operation} of ${stack}, unchanged`, stack, args, there)),
            ],
            options,
          )),
        );
      }
      return [...before, ...unchanged];
    } finally {
      await lab.close();
    }
  },
};

/** A program in a folder of its own that loads Pulumi and declares nothing, on the same engine. */
async function emptyProgram({ command, cwd, env }: Place & { readonly command: string }): Promise<Place> {
  const folder = join(dirname(cwd), "empty");
  await mkdir(folder);
  const runtime = { name: "nodejs", options: { typescript: false } };
  await writeFile(join(folder, "Pulumi.yaml"), stringify({ name: "empty", main: "index.js", runtime }));
  await writeFile(join(folder, "index.js"), 'require("@pulumi/pulumi");\n');
  const place = { cwd: folder, env };
  await timed(command, ["stack", "init", "empty", "--non-interactive"], place);
  return place;
}
