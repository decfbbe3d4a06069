import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { RunFailure } from "./errors";

/** Folder of the images' programs, and of `opt_ml.py` and `archive.py` that they share. */
export const IMAGES_DIR = join(__dirname, "../../images");

/** What an image can be started for. */
export type Program = "train" | "serve" | "process";

const PROGRAMS: readonly Program[] = ["train", "serve", "process"];

/** The images that there are, by repository name. */
export function imageNames(): readonly string[] {
  return readdirSync(IMAGES_DIR, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && PROGRAMS.some((program) => existsSync(programFile(entry.name, program))))
    .map((entry) => entry.name)
    .sort();
}

/** `sagemaker-xgboost` of `683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1`. */
export function repositoryName(imageUri: string): string {
  const path = imageUri.split("@")[0] ?? "";
  return (path.split("/").at(-1) ?? "").split(":")[0] ?? "";
}

/** ARN of an image's repository; `undefined` where the image is in no registry of AWS. */
export function repositoryArn(imageUri: string): string | undefined {
  const [, account, region, repository] =
    /^(\d{12})\.dkr\.ecr\.([^.]+)\.amazonaws\.com(?:\.cn)?\/([^:@]+)/.exec(imageUri) ?? [];
  return account === undefined ? undefined : `arn:aws:ecr:${region ?? ""}:${account}:repository/${repository ?? ""}`;
}

/** Folders with the programs of images of one's own, by repository name. */
export type OwnImages = Readonly<Record<string, string>>;

/**
 * The program of an image. Images of one's own go before those that the local AWS has.
 *
 * @throws RunFailure naming the image and those that exist, where there is none or it has no such program.
 */
export function imageProgram(imageUri: string, program: Program, own: OwnImages = {}): string {
  const name = repositoryName(imageUri);
  const names = [...new Set([...Object.keys(own), ...imageNames()])];
  if (!names.includes(name)) {
    throw new RunFailure(
      `ClientError: Cannot pull algorithm container. The local AWS has no image "${name}" (of ${imageUri}); it has ${names.join(", ")}`,
    );
  }
  const folder = own[name] ?? join(IMAGES_DIR, name);
  const file = join(folder, `${program}.py`);
  if (!existsSync(file)) {
    const has = PROGRAMS.filter((other) => existsSync(join(folder, `${other}.py`))).join(", ");
    throw new RunFailure(`ClientError: the local image "${name}" has no program "${program}"; it has ${has}`);
  }
  return file;
}

const programFile = (name: string, program: Program) => join(IMAGES_DIR, name, `${program}.py`);

const definitions = z.array(z.object({ Name: z.string(), Regex: z.string() }));

/** A metric that a training container prints, and the expression whose first group finds it in a line. */
export type MetricDefinition = z.infer<typeof definitions>[number];

/** The metrics that an image's built-in algorithm publishes, whatever the job defines. */
export function builtInMetrics(imageUri: string): readonly MetricDefinition[] {
  const file = join(IMAGES_DIR, repositoryName(imageUri), "metrics.json");
  return existsSync(file) ? definitions.parse(JSON.parse(readFileSync(file, "utf8"))) : [];
}
