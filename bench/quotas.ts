import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";
import { LocalProject } from "../tests/support/local-project";
import type { Place } from "./command";
import { manyModels, placeOf } from "./models";
import type { Benchmark, Figure } from "./measure";

const RELEASE = "bench-1";

/** All that watches a model, as `Pulumi.prod.yaml` has it. */
const WATCHED = { driftMonitor: "{}", canary: "{}", qualityMonitor: "{}", dashboard: "true" };

/** A quota of an account and region, and how much of it a resource takes. */
interface Quota {
  readonly name: string;
  /** What AWS grants if nobody has asked for more. */
  readonly byDefault: number;
  /** Types of resources that count, as Pulumi calls them. */
  readonly types: readonly string[];
}

/** Where AWS says it: docs/scale.md. */
const QUOTAS: readonly Quota[] = [
  { name: "EventBridge rules", byDefault: 300, types: ["aws:cloudwatch/eventRule:EventRule"] },
  { name: "IAM roles", byDefault: 1000, types: ["aws:iam/role:Role"] },
  { name: "IAM customer managed policies", byDefault: 1500, types: ["aws:iam/policy:Policy"] },
  { name: "CloudWatch alarms", byDefault: 5000, types: ["aws:cloudwatch/metricAlarm:MetricAlarm"] },
  { name: "Synthetics canaries", byDefault: 100, types: ["aws:synthetics/canary:Canary"] },
  { name: "API Gateway REST APIs", byDefault: 600, types: ["aws:apigateway/restApi:RestApi"] },
  { name: "CodePipeline pipelines", byDefault: 1000, types: ["aws:codepipeline/pipeline:Pipeline"] },
  { name: "CodeBuild projects", byDefault: 5000, types: ["aws:codebuild/project:Project"] },
  { name: "CodeDeploy applications", byDefault: 1000, types: ["aws:codedeploy/application:Application"] },
  { name: "S3 buckets", byDefault: 10_000, types: ["aws:s3/bucket:Bucket"] },
  { name: "CloudWatch log groups", byDefault: 1_000_000, types: ["aws:cloudwatch/logGroup:LogGroup"] },
];

const previewed = z.object({
  steps: z.array(z.object({ op: z.string(), newState: z.object({ type: z.string() }).optional() })).optional(),
  diagnostics: z.array(z.object({ severity: z.string(), message: z.string() })).optional(),
});

/** How much one model takes of what an account may have: what its four stacks create, by the engine's own preview. */
export const quotas: Benchmark = {
  tells: "what one model's four stacks take of an account's quotas, as a share of AWS's defaults",
  async run({ progress }) {
    progress("a local AWS, and previews of the four stacks of a model");
    const lab = await LocalProject.start();
    try {
      const there = lab.place();
      await lab.configure("train", RELEASE);
      const train = await created("train", there);
      // The others take what it makes.
      await lab.up("train", RELEASE);
      await lab.configure("dev", RELEASE);
      await lab.configure("prod", RELEASE, WATCHED);
      const pipeline = await placeOf(manyModels, 1, there);
      const made = [
        ...train,
        ...(await created("dev", there)),
        ...(await created("prod", there)),
        ...(await created("bench", { ...there, ...pipeline })),
      ];
      progress(`${made.length} resources in all`);
      return QUOTAS.map((quota) => figureOf(quota, made)).sort((a, b) => (b.ratio ?? 0) - (a.ratio ?? 0));
    } finally {
      await lab.close();
    }
  },
};

function figureOf({ name, byDefault, types }: Quota, made: readonly string[]): Figure {
  const count = made.filter((type) => types.includes(type)).length;
  return {
    name,
    unit: "1",
    median: count,
    least: count,
    ratio: count / byDefault,
    baseline: `${byDefault}`,
    rounds: 1,
  };
}

/** Types of the resources that a stack's preview would create. @throws what the engine has complained of */
async function created(stack: string, { command, cwd, env }: Place & { readonly command: string }): Promise<string[]> {
  const args = ["preview", "--json", "--stack", stack, "--non-interactive"];
  // It prints its complaints as JSON too, and fails then.
  const { stdout } = await promisify(execFile)(command, args, { cwd, env, maxBuffer: 100_000_000 }).catch(printed);
  const { steps = [], diagnostics = [] } = previewed.parse(JSON.parse(stdout));
  const complaints = diagnostics.flatMap(({ severity, message }) => (severity === "error" ? [message] : []));
  if (complaints.length > 0) {
    throw new Error(`the preview of ${stack} has failed:\n${complaints.join("\n")}`);
  }
  return steps.flatMap(({ op, newState }) => (op === "create" && newState !== undefined ? [newState.type] : []));
}

function printed(error: unknown): { readonly stdout: string } {
  if (error instanceof Error && "stdout" in error && typeof error.stdout === "string") {
    return { stdout: error.stdout };
  }
  throw error;
}
