import { cp } from "node:fs/promises";
import { join, resolve } from "node:path";
import { run } from "pulumi-engine/run-command";
import { farFolder, install, packed, peers, remove, write } from "../../engine/package/install";

const ROOT = resolve(__dirname, "../../..");

/** A program's settings and who compiles it; each of what TypeScript can be told of modules once, and both versions. */
const COMPILERS = [
  { typescript: "typescript-5", module: "commonjs", moduleResolution: "node10" },
  { typescript: "typescript-5", module: "nodenext", moduleResolution: "nodenext", type: "module" },
  { typescript: "typescript-6", module: "esnext", moduleResolution: "bundler" },
  { typescript: "typescript-6", module: "node16", moduleResolution: "node16" },
];

describe("the package's types", function () {
  this.timeout(180_000);
  let folder: string;

  before(async () => {
    folder = await farFolder();
    const dependencies = {
      ...(await peers()),
      "sagemaker-safe-deploy": `file:${await packed(folder)}`,
      "typescript-5": "npm:typescript@5.9.3",
      "typescript-6": "npm:typescript@6.0.3",
    };
    await write(folder, { "package.json": JSON.stringify({ private: true, dependencies }) });
    await install("pnpm", folder);
  });
  after(() => remove(folder));

  for (const { typescript, type = "commonjs", ...modules } of COMPILERS) {
    it(`are right for a strict program with ${typescript}, ${modules.module} and ${modules.moduleResolution}`, async () => {
      const program = join(folder, `${typescript}-${modules.module}`);
      const compilerOptions = {
        ...modules,
        strict: true,
        skipLibCheck: false,
        noEmit: true,
        target: "es2022",
        types: ["node"],
      };
      await write(program, {
        "package.json": JSON.stringify({ type }),
        "tsconfig.json": JSON.stringify({ compilerOptions, files: ["index.ts", "wrong.ts"] }),
        "wrong.ts": WRONG,
      });
      await cp(join(ROOT, "examples/minimal/index.ts"), join(program, "index.ts"));
      await run(process.execPath, [join(folder, "node_modules", typescript, "bin/tsc"), "-p", program]);
    });
  }
});

/** What must not compile: with types that are not found, it would. */
const WRONG = `import { TrainingJob, type JobArgs } from "sagemaker-safe-deploy";
export const args: Pick<JobArgs, "jobName"> = { jobName: "a" };
// @ts-expect-error -- there is no such argument
new TrainingJob("job", { jobNme: "a" });
`;
