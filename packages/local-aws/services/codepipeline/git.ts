import { spawn } from "node:child_process";
import { gitEnvironment } from "../../core/git-environment";

/** A commit as sources show it. */
export interface Commit {
  readonly id: string;
  readonly message: string;
  /** ISO 8601. */
  readonly authorDate: string;
  readonly committerDate: string;
  readonly authorName: string;
  readonly authorEmail: string;
}

/** The git repository that every git source means. */
export class GitRepository {
  constructor(private readonly folder: string) {}

  /** The commit that a branch, a tag or an id names. */
  async commit(revision: string): Promise<Commit> {
    // `%x00` cannot be part of what it separates.
    const format = "--format=%H%x00%B%x00%aI%x00%cI%x00%an%x00%ae";
    const text = (await this.git("log", "-1", format, "--end-of-options", revision, "--")).toString("utf8");
    const [id = "", message = "", authorDate = "", committerDate = "", authorName = "", authorEmail = ""] = text
      .trimEnd()
      .split("\0");
    return { id, message: message.trim(), authorDate, committerDate, authorName, authorEmail };
  }

  /** A commit's files as a zip. */
  archive(commitId: string): Promise<Buffer> {
    return this.git("archive", "--format=zip", commitId);
  }

  /** Commit ids of branches (`refs/heads/main`) and pull requests (`refs/pull/1/head`), by name. */
  async heads(): Promise<ReadonlyMap<string, string>> {
    const text = await this.git("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/pull/*/head");
    const lines = text.toString("utf8").split("\n");
    return new Map(
      lines.flatMap((line) => {
        const [id = "", ref] = line.split(" ");
        return ref === undefined ? [] : [[ref, id]];
      }),
    );
  }

  /** Paths that differ between two commits. */
  async changedFiles(from: string, to: string): Promise<readonly string[]> {
    const text = await this.git("diff", "--name-only", "-z", from, to);
    return text
      .toString("utf8")
      .split("\0")
      .filter((path) => path !== "");
  }

  private git(...args: readonly string[]): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const child = spawn("git", ["-C", this.folder, ...args], {
        env: gitEnvironment(),
        stdio: ["ignore", "pipe", "pipe"],
      });
      const output: Buffer[] = [];
      const errors: Buffer[] = [];
      child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
      child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
      child.once("error", reject);
      child.once("close", (code) => {
        if (code === 0) {
          resolve(Buffer.concat(output));
        } else {
          reject(
            new Error(
              Buffer.concat(errors).toString("utf8").trim() || `git ${args[0] ?? ""} ended with ${code ?? "a signal"}`,
            ),
          );
        }
      });
    });
  }
}
