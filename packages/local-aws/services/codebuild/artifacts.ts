import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, relative, resolve, sep } from "node:path";
import { zip, type AsyncZippable } from "fflate";
import { globPattern } from "../../core/glob";
import type { ArtifactSpec } from "./buildspec";
import { BuildFailure } from "./failure";

/** An artifact: its zip, and how many files are in it. */
export interface PackedArtifact {
  readonly zip: Uint8Array;
  readonly files: number;
}

/**
 * Gathers an artifact's files below its base directory.
 *
 * @param environment what variables in the base directory stand for
 * @throws BuildFailure `CLIENT_ERROR` if nothing matches
 */
export async function packArtifact(
  spec: ArtifactSpec,
  sourceDirectory: string,
  environment: Readonly<Record<string, string>>,
): Promise<PackedArtifact> {
  const base = resolve(sourceDirectory, expanded(spec.baseDirectory, environment));
  if (!(await isDirectory(base))) {
    throw new BuildFailure("CLIENT_ERROR", `no matching base directory path found for ${spec.baseDirectory}`);
  }
  const patterns = spec.files.map((glob) => globPattern(expanded(glob, environment)));
  const excluded = spec.excluded.map((glob) => globPattern(expanded(glob, environment)));
  const paths = (await filesBelow(base)).filter(
    (path) => patterns.some((one) => one.test(path)) && !excluded.some((one) => one.test(path)),
  );
  if (paths.length === 0) {
    throw new BuildFailure("CLIENT_ERROR", `no matching artifact paths found for ${spec.files.join(", ")}`);
  }
  const content: AsyncZippable = {};
  for (const path of paths) {
    content[spec.discardPaths ? basename(path) : path] = await readFile(join(base, path));
  }
  const bytes = await new Promise<Uint8Array>((done, failed) =>
    zip(content, { level: 1 }, (error, data) => (error === null ? done(data) : failed(error))),
  );
  return { zip: bytes, files: paths.length };
}

/** Variables by their values; one that is not set is nothing, as in a shell. */
export function expanded(text: string, environment: Readonly<Record<string, string>>): string {
  return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced: string | undefined, plain: string | undefined) => {
    return environment[braced ?? plain ?? ""] ?? "";
  });
}

/** Links are followed to files, never to folders. */
async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() || (entry.isSymbolicLink() && (await isFile(path)))) {
      found.push(relative(folder, path).split(sep).join("/"));
    }
  }
  return found.sort();
}

const isDirectory = async (path: string) => (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
const isFile = async (path: string) => (await stat(path).catch(() => undefined))?.isFile() ?? false;
