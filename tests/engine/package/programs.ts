import type { Files } from "./install";

/** Two training jobs in one stack, each component with its role and its dynamic resource; `module` is where the component comes from. */
const jobs = (module: string) => `
import * as pulumi from "@pulumi/pulumi";
import { TrainingJob } from ${JSON.stringify(module)};

const bucket = new pulumi.Config().require("bucket");
const train = (name: string) =>
  new TrainingJob(name, {
    jobName: name,
    trainingImage: "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
    channels: [{ name: "train", s3Uri: \`s3://\${bucket}/fares/train\` }],
    hyperparameters: { num_round: "5" },
    outputUri: \`s3://\${bucket}/\${pulumi.getProject()}\`,
    instanceType: "ml.m5.xlarge",
    pollSeconds: 0.25,
  });
const names = ["first", "second"].map((name) => \`\${pulumi.getProject()}-\${name}\`);
export const archives: pulumi.Output<string>[] = names.map((name) => train(name).modelDataUrl);
`;

/** How a program is written and run. */
export interface Way {
  /** Its file. @default "index.ts" */
  readonly main?: string;
  /** Where it imports the component from. @default "sagemaker-safe-deploy" */
  readonly module?: string;
  readonly runtime: object;
  readonly type: "commonjs" | "module";
  readonly compilerOptions: object;
}

/** The files of a program; `dependencies` are its package.json's. */
export function programFiles(name: string, way: Way, dependencies: Readonly<Record<string, string>>): Files {
  const { module = "sagemaker-safe-deploy", main = "index.ts", runtime, type, compilerOptions } = way;
  const strict = { target: "ES2022", strict: true, skipLibCheck: false, types: ["node"], ...compilerOptions };
  return {
    "package.json": JSON.stringify({ name, private: true, type, dependencies }),
    "Pulumi.yaml": JSON.stringify({ name, main, runtime: { name: "nodejs", options: runtime } }),
    "tsconfig.json": JSON.stringify({ compilerOptions: strict, files: ["index.ts"] }),
    "index.ts": jobs(module),
  };
}
