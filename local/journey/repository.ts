import { execFile } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { promisify } from "node:util";
import { hasCode } from "../../tools/lock";

/** What a pipeline's git source reads. */
export interface SourceRepository {
  /** A bare repository of our own. */
  readonly path: string;
  /** Its one branch. */
  readonly branch: string;
  /** In words: which commit it holds and where that is from. */
  readonly told: string;
}

const BRANCH = "main";
/** Who has made the commit of a snapshot; git wants to know. */
const AUTHOR = "npm run local";
const EMAIL = "local@localhost";

/**
 * Puts the code of a folder into a bare repository: the commit that is checked out where the folder is just that, else a commit of the
 * files as they are, `.gitignore` heeded. The folder's own repository is only read.
 *
 * @param path folder of the bare repository; made anew
 */
export async function sourceRepository(folder: string, path: string): Promise<SourceRepository> {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  await git(path, "init", "--quiet", "--bare", "--initial-branch", BRANCH);
  await git(path, "--work-tree", folder, "add", "--all");
  const tree = await git(path, "write-tree");
  const checkedOut = await fetched(folder, path);
  if (checkedOut?.tree === tree) {
    await point(path, checkedOut.commit);
    return { path, branch: BRANCH, told: `releasing commit ${short(checkedOut.commit)}, which is checked out` };
  }
  const commit = await git(path, "commit-tree", tree, "-m", "Snapshot of the working tree");
  await point(path, commit);
  const why =
    checkedOut === undefined
      ? "no commit of the project's folder can be read"
      : "the working tree has changes that are not committed";
  return { path, branch: BRANCH, told: `${why}: releasing a snapshot of it, commit ${short(commit)}` };
}

/** The commit that is checked out, brought over; `undefined` where git finds none, or refuses the folder as somebody else's. */
async function fetched(folder: string, path: string) {
  try {
    await git(path, "fetch", "--quiet", "--no-tags", "--depth", "1", folder, "HEAD");
    const commit = await git(path, "rev-parse", "FETCH_HEAD");
    return { commit, tree: await git(path, "rev-parse", "FETCH_HEAD^{tree}") };
  } catch {
    return undefined;
  }
}

async function point(path: string, commit: string): Promise<void> {
  await git(path, "update-ref", `refs/heads/${BRANCH}`, commit);
}

async function git(path: string, ...args: readonly string[]): Promise<string> {
  // Where we are run by a git hook, its variables mean another repository.
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"));
  const author = { GIT_AUTHOR_NAME: AUTHOR, GIT_AUTHOR_EMAIL: EMAIL };
  const env = { ...Object.fromEntries(inherited), ...author, GIT_COMMITTER_NAME: AUTHOR, GIT_COMMITTER_EMAIL: EMAIL };
  try {
    const { stdout } = await promisify(execFile)("git", ["--git-dir", path, ...args], { env });
    return stdout.trim();
  } catch (error) {
    throw hasCode(error, "ENOENT") ? new Error("git is missing, from which a pipeline takes its code") : error;
  }
}

const short = (commit: string) => commit.slice(0, 7);
