import * as pulumi from "@pulumi/pulumi";
import * as s3 from "@pulumi/aws/s3";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { folderOf } from "../../lib/s3-uri";
import { s3Place } from "../container-permissions";

/** A file that a job runs, or that lies beside it. */
export interface SourceFile {
  /** Below the folder in S3, with slashes. */
  readonly key: string;
  /** On this machine. */
  readonly path: string;
}

/** Files in S3, and the folder that they are in. */
export interface UploadedSource {
  /** S3 URI of the folder. Known before the files are there, for permissions. */
  readonly folderUri: pulumi.Output<string>;
  /** The same; resolves once all files are there. */
  readonly uploadedUri: pulumi.Output<string>;
  readonly objects: readonly s3.BucketObjectv2[];
}

/** Most files of a source: each is a resource of the stack. */
const MOST_FILES = 200;

/** The files of a folder, without hidden ones and what Python has compiled. */
export function sourceFiles(directory: string): SourceFile[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((path) => !path.split(sep).some((part) => part.startsWith(".") || part === "__pycache__"))
    .map((path) => ({ key: path.split(sep).join("/"), path: join(directory, path) }))
    .filter(({ path }) => statSync(path).isFile())
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** What is wrong with the folder and the script of a job in script mode. */
export function sourceProblems(directory: string | undefined, entryPoint: string | undefined): string[] {
  if (directory === undefined || entryPoint === undefined) {
    return directory === entryPoint ? [] : ["sourceDirectory and entryPoint must be given together"];
  }
  if (!existsSync(directory) || !statSync(directory).isDirectory()) {
    return [`sourceDirectory must be a folder, got "${directory}"`];
  }
  const files = sourceFiles(directory);
  return [
    ...(files.some(({ key }) => key === entryPoint)
      ? []
      : [`entryPoint must be a file of sourceDirectory, got "${entryPoint}": there are ${listed(files)}`]),
    ...(files.length <= MOST_FILES ? [] : [`sourceDirectory may have ${MOST_FILES} files, got ${files.length}`]),
  ];
}

function listed(files: readonly SourceFile[]): string {
  const names = files.slice(0, 10).map(({ key }) => key);
  return [...names, ...(files.length > names.length ? ["…"] : [])].join(", ") || "none";
}

/** How uploaded files are called. */
export interface SourceNames {
  /** Name of a file's resource. */
  readonly name: (file: SourceFile) => string;
  /** Name of the folder, by the files' content: other files make another definition of the job, and the same ones make none. */
  readonly digest: string;
}

/** Uploads files for a job, below `<outputUri>/code/`. */
export function uploadSource(
  files: readonly SourceFile[],
  { name, digest }: SourceNames,
  outputUri: pulumi.Input<string>,
  parent: pulumi.Resource,
): UploadedSource {
  const folder = `code/${digest}`;
  const place = pulumi.output(outputUri).apply((uri) => {
    const { bucket, key } = s3Place(uri);
    return { bucket, folder: [folderOf({ bucket, key }), folder].filter((part) => part !== "").join("/") };
  });
  const objects = files.map(
    (file) =>
      new s3.BucketObjectv2(
        name(file),
        {
          bucket: place.bucket,
          key: pulumi.interpolate`${place.folder}/${file.key}`,
          source: new pulumi.asset.FileAsset(file.path),
        },
        { parent },
      ),
  );
  const folderUri = pulumi.interpolate`s3://${place.bucket}/${place.folder}`;
  const ids = pulumi.all(objects.map(({ id }) => id));
  return { folderUri, uploadedUri: pulumi.all([folderUri, ids]).apply(([uri]) => uri), objects };
}

/** A digest of the files' names and content. */
export function digestOf(files: readonly SourceFile[]): string {
  const hash = createHash("sha256");
  for (const { key, path } of files) {
    hash.update(`${key}\0`).update(createHash("sha256").update(readFileSync(path)).digest());
  }
  return hash.digest("hex").slice(0, 16);
}
