import { readFileSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Zippable, zipSync } from "fflate";
import { type Value, type Values, isArchive, isAsset, isBlock } from "./values";

/** Files as the program gave them, such as the code of a function; read only when they are needed. */
export interface Archive {
  /** The archive as a zip file, byte for byte the same for the same files. */
  zip(): Uint8Array;
}

/** A file as the program gave it, or an archive as a zip file; read only when it is needed. */
export interface Asset {
  content(): Uint8Array;
}

export function parseAsset(value: Value): Asset {
  return {
    content() {
      if (isArchive(value)) {
        return zipOf(value);
      }
      if (!isAsset(value)) {
        throw new Error("not an asset");
      }
      return contentOf(value);
    },
  };
}

/**
 * fflate writes a date in local time, and a zip cannot hold one before 1980: as a local date it is the same bytes in every time
 * zone.
 */
const NO_TIME = "1980-01-01 00:00:00";

/** Regular file that everybody may read: Lambda runs the code as another user than the one who owns it. */
const READABLE = { os: 3, attrs: 0o100644 * 2 ** 16, mtime: NO_TIME } as const;

export function parseArchive(value: Value): Archive {
  return { zip: () => zipOf(value) };
}

function zipOf(value: Value): Uint8Array {
  const path = isArchive(value) ? value.path : undefined;
  if (typeof path === "string" && statSync(resolve(path)).isFile()) {
    if (!path.endsWith(".zip")) {
      throw new Error(`archive ${path}: only zip files and folders can be an archive`);
    }
    return readFileSync(resolve(path));
  }
  const files = [...filesOf(value, "")].sort(([a], [b]) => (a < b ? -1 : 1));
  if (files.length === 0) {
    throw new Error("the archive is empty");
  }
  const entries: Zippable = {};
  for (const [name, content] of files) {
    entries[name] = [content, READABLE];
  }
  return zipSync(entries);
}

/** The files in an asset, an archive or a folder, each with its path in the zip. */
function filesOf(value: Value, name: string): readonly (readonly [string, Uint8Array])[] {
  if (isAsset(value)) {
    return [[name, contentOf(value)]];
  }
  if (!isArchive(value)) {
    throw new Error(`${name}: neither an asset nor an archive`);
  }
  if (typeof value.path === "string") {
    return filesBelow(resolve(value.path), name);
  }
  if (isBlock(value.assets)) {
    return Object.entries(value.assets).flatMap(([key, each]) => filesOf(each, name === "" ? key : `${name}/${key}`));
  }
  throw new Error(
    `the local AWS provider cannot fetch a remote archive${typeof value.uri === "string" ? ` (${value.uri})` : ""}`,
  );
}

function contentOf(asset: Values): Uint8Array {
  if (typeof asset.text === "string") {
    return Buffer.from(asset.text, "utf8");
  }
  if (typeof asset.path === "string") {
    return readFileSync(resolve(asset.path));
  }
  throw new Error(
    `the local AWS provider cannot fetch a remote asset${typeof asset.uri === "string" ? ` (${asset.uri})` : ""}`,
  );
}

function filesBelow(folder: string, name: string): readonly (readonly [string, Uint8Array])[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = name === "" ? entry.name : `${name}/${entry.name}`;
    const from = join(folder, entry.name);
    return statSync(from).isDirectory() ? filesBelow(from, path) : [[path, readFileSync(from)] as const];
  });
}
