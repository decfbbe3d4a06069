import { execFile } from "node:child_process";
import { copyFile, mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { hasCode } from "pulumi-engine/lock";
import { gitEnvironment, UNSIGNED_AND_UNCHECKED } from "local-aws/core/git-environment";

/** The git source of a pipeline. */
export interface SourceRepository {
  /** Path of our own bare repository. */
  readonly path: string;
  /** Its one branch. */
  readonly branch: string;
  /** Which commit it holds and where that comes from, in words. */
  readonly told: string;
}

const BRANCH = "main";
/** The author of a snapshot's commit, which git requires. */
const AUTHOR = "npm run local";
const EMAIL = "local@localhost";

/**
 * Puts the code of a folder into a bare repository. If the folder is exactly its checked-out commit, that commit is used, else a new commit
 * of the files as they are, without those that git ignores there. The folder's own repository is only read.
 *
 * @param path folder of the bare repository, which is emptied first
 */
export async function sourceRepository(folder: string, path: string): Promise<SourceRepository> {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  await git(path, "init", "--quiet", "--bare", "--initial-branch", BRANCH);
  const checkedOut = await fetched(folder, path);
  await copyExclude(folder, path);
  if ("commit" in checkedOut) {
    // Committed files are part of the code even if `.gitignore` names them.
    await git(path, "read-tree", checkedOut.commit);
  }
  await git(path, "--work-tree", folder, "add", "--all");
  const tree = await git(path, "write-tree");
  if ("commit" in checkedOut && checkedOut.tree === tree) {
    await point(path, checkedOut.commit);
    return { path, branch: BRANCH, told: `releasing commit ${short(checkedOut.commit)}, which is checked out` };
  }
  const commit = await git(path, "commit-tree", tree, "-m", "Snapshot of the working tree");
  await point(path, commit);
  const why =
    "commit" in checkedOut
      ? "the working tree has changes that are not committed"
      : `no commit of the project's folder can be read (${checkedOut.why})`;
  return { path, branch: BRANCH, told: `${why}: releasing a snapshot of it, commit ${short(commit)}` };
}

/** The checked-out commit, copied over; or why there is none, for example because git refuses a folder of another user. */
async function fetched(
  folder: string,
  path: string,
): Promise<{ readonly commit: string; readonly tree: string } | { readonly why: string }> {
  try {
    await git(path, "fetch", "--quiet", "--no-tags", "--depth", "1", folder, "HEAD");
    const commit = await git(path, "rev-parse", "FETCH_HEAD");
    return { commit, tree: await git(path, "rev-parse", "FETCH_HEAD^{tree}") };
  } catch (error) {
    return { why: complaint(error) };
  }
}

/** What the folder's own repository ignores in addition to `.gitignore`. */
async function copyExclude(folder: string, path: string): Promise<void> {
  // If the folder is no repository, which `fetched` reports, there is nothing to copy.
  const shown = await run("-C", folder, "rev-parse", "--show-prefix", "--git-path", "info/exclude").catch(() => "");
  const [prefix, exclude] = shown.trimEnd().split("\n");
  // If the folder is only a part of a repository, the repository's patterns are relative to another folder.
  if (prefix !== "" || exclude === undefined) {
    return;
  }
  try {
    await mkdir(join(path, "info"), { recursive: true });
    await copyFile(resolve(folder, exclude), join(path, "info", "exclude"));
  } catch (error) {
    if (!hasCode(error, "ENOENT")) {
      throw error;
    }
  }
}

async function point(path: string, commit: string): Promise<void> {
  await git(path, "update-ref", `refs/heads/${BRANCH}`, commit);
}

async function git(path: string, ...args: readonly string[]): Promise<string> {
  return (await run("--git-dir", path, ...UNSIGNED_AND_UNCHECKED, ...args)).trim();
}

async function run(...args: readonly string[]): Promise<string> {
  const author = { GIT_AUTHOR_NAME: AUTHOR, GIT_AUTHOR_EMAIL: EMAIL };
  const env = { ...gitEnvironment(), ...author, GIT_COMMITTER_NAME: AUTHOR, GIT_COMMITTER_EMAIL: EMAIL };
  try {
    return (await promisify(execFile)("git", [...args], { env })).stdout;
  } catch (error) {
    throw hasCode(error, "ENOENT") ? new Error("git is missing, from which a pipeline takes its code") : error;
  }
}

/** The last line that git has printed. */
function complaint(error: unknown): string {
  const printed = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
  const said = printed.trim() === "" ? String(error) : printed;
  return said.trim().split("\n").at(-1) ?? said;
}

const short = (commit: string) => commit.slice(0, 7);
