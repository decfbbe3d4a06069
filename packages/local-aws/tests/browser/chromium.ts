import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** `.ci/run` looks for the same. */
const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** What to do where there is none. */
export const CHROMIUM = `install one (on Debian: apt-get install chromium), so that PATH has one of ${NAMES.join(", ")}`;

/** The browser of this machine. */
export function findChromium(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** No sandbox, since a container's root cannot have one; and nothing that reaches out by itself. */
export const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
