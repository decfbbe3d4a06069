import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { transform } from "esbuild";
import { stringify } from "yaml";
import { LocalProject } from "../tests/support/local-project";
import { timed, type Place } from "./command";
import { compare, type Benchmark, type Case } from "./measure";
import { peakMemory } from "./memory";

const ROOT = resolve(__dirname, "..");
const COUNTS = [1, 10, 50] as const;

/** A program that declares as many models as its config says. */
interface Program {
  readonly name: string;
  /** Its TypeScript. */
  readonly source: () => Promise<string>;
  readonly config: (models: readonly string[]) => Readonly<Record<string, string>>;
}

const KEY = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555";

/** The example that makes a pipeline for each of many models. */
export const manyModels: Program = {
  name: "pipelines",
  source: () => readFile(join(ROOT, "examples/many-models/index.ts"), "utf8"),
  config: (models) => ({
    models: JSON.stringify(models),
    bucket: "models",
    connectionArn: "arn:aws:codeconnections:us-east-1:123456789012:connection/11111111-2222-3333-4444-555555555555",
    repository: "owner/name",
    stateBucket: "state",
    secretsProvider: "awskms:///alias/state?region=us-east-1",
    kmsKeyArn: KEY,
  }),
};

const PROGRAMS: readonly Program[] = [
  manyModels,
  {
    name: "SafeModels",
    source: async () => `
      import * as pulumi from "@pulumi/pulumi";
      import { SafeModel } from "sagemaker-safe-deploy";
      const image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1";
      for (const name of new pulumi.Config().requireObject<string[]>("models")) {
        new SafeModel(name, {
          release: "r1",
          model: "s3://models/model.tar.gz",
          image,
          serve: { instanceType: "ml.m5.large", minInstances: 1, maxInstances: 4 },
          check: { requests: ["1.5"], accept: { type: "number", minimum: 0, maximum: 500 } },
        });
      }`,
    config: (models) => ({ models: JSON.stringify(models) }),
  },
];

/** What a preview takes for programs of one model and of many: time, processor time, and memory of engine, program and plugins together. */
export const models: Benchmark = {
  tells: `preview of programs that declare ${COUNTS.join(", ")} models: their pipelines, or the models themselves; time and memory`,
  async run(options) {
    options.progress("a local AWS, and the programs");
    const lab = await LocalProject.start();
    try {
      const place = lab.place();
      const figures = [];
      for (const program of PROGRAMS) {
        const [first, ...others] = await Promise.all(COUNTS.map((count) => previewOf(program, count, place)));
        if (first !== undefined) {
          figures.push(...(await compare([first, ...others], options)));
        }
      }
      return figures;
    } finally {
      await lab.close();
    }
  },
};

async function previewOf(program: Program, count: number, there: Place & { readonly command: string }): Promise<Case> {
  const place = await placeOf(program, count, there);
  const args = ["preview", "--stack", "bench", "--non-interactive"];
  return {
    name: `${count} ${program.name}`,
    round: async () => {
      const { result, MB } = await peakMemory(() => timed(there.command, args, place));
      return { ...result, MB };
    },
  };
}

/** A stack `bench` of a program, in a folder of its own where it finds the package by its name. */
export async function placeOf(
  { name, source, config }: Program,
  count: number,
  { command, cwd, env }: Place & { readonly command: string },
): Promise<Place> {
  const project = `${name.toLowerCase()}-${count}`;
  const folder = join(dirname(cwd), project);
  await mkdir(folder);
  const { code } = await transform(await source(), { loader: "ts", format: "cjs", target: "node20" });
  const names = Array.from({ length: count }, (_, i) => `m${i}`);
  const runtime = { name: "nodejs", options: { typescript: false } };
  const values = Object.entries(config(names)).map(([key, value]) => [`${project}:${key}`, value] as const);
  const own = new Map([["aws:region", "us-east-1"], ...values]);
  await writeFile(join(folder, "Pulumi.yaml"), stringify({ name: project, main: "index.js", runtime }));
  await writeFile(join(folder, "index.js"), code);
  await timed(command, ["stack", "init", "bench", "--non-interactive"], { cwd: folder, env });
  await writeFile(join(folder, "Pulumi.bench.yaml"), stringify({ config: Object.fromEntries(own) }));
  return { cwd: folder, env };
}
