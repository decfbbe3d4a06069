import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

/** A small git repository with a branch `main`, as the source of a pipeline. */
export class SourceFolder {
  private constructor(
    readonly path: string,
    /** Whether each commit goes on to where the folder was cloned from. */
    private readonly pushes = false,
  ) {}

  static async create(path: string, files: Readonly<Record<string, string>>): Promise<SourceFolder> {
    await mkdir(path, { recursive: true });
    const source = new SourceFolder(path);
    await source.git("init", "--quiet", "--initial-branch", "main");
    await source.commit("the beginning", files);
    return source;
  }

  /** A copy of another repository, which has a branch `main`. Each commit is pushed there. */
  static async clone(from: string, path: string): Promise<SourceFolder> {
    await mkdir(path, { recursive: true });
    const source = new SourceFolder(path, true);
    await source.git("clone", "--quiet", from, ".");
    return source;
  }

  /** Changes a file as `sed` would, which has to find what it replaces, and commits that. Returns the commit. */
  async edit(file: string, before: string, after: string): Promise<string> {
    const text = await readFile(join(this.path, file), "utf8");
    if (!text.includes(before)) {
      throw new Error(`${file} has no ${before}`);
    }
    return this.commit(`change ${file}`, { [file]: text.replace(before, after) });
  }

  /** Writes files and commits them to `main`. Returns the commit. */
  async commit(message: string, files: Readonly<Record<string, string>>): Promise<string> {
    const commit = await this.write(message, files);
    await this.push("refs/heads/main");
    return commit;
  }

  private async write(message: string, files: Readonly<Record<string, string>>): Promise<string> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(this.path, name)), { recursive: true });
      await writeFile(join(this.path, name), text);
    }
    await this.git("add", "--all");
    await this.git("commit", "--quiet", "--allow-empty", "-m", message);
    return this.git("rev-parse", "HEAD");
  }

  /** The newest commit of `main`. */
  head(): Promise<string> {
    return this.git("rev-parse", "main");
  }

  /** Opens a pull request with these files changed, or moves it. Returns its commit. */
  async pullRequest(number: number, files: Readonly<Record<string, string>>): Promise<string> {
    return this.aside(`refs/pull/${number}/head`, files);
  }

  /** Makes another branch, with these files changed. Returns its commit. */
  async branch(name: string, files: Readonly<Record<string, string>>): Promise<string> {
    return this.aside(`refs/heads/${name}`, files);
  }

  private async aside(ref: string, files: Readonly<Record<string, string>>): Promise<string> {
    await this.git("checkout", "--quiet", "--detach", "main");
    const commit = await this.write(ref, files);
    await this.git("update-ref", ref, commit);
    await this.git("checkout", "--quiet", "main");
    await this.push(ref);
    return commit;
  }

  private async push(ref: string): Promise<void> {
    if (this.pushes) {
      await this.git("push", "--quiet", "--force", "origin", ref);
    }
  }

  private async git(...args: readonly string[]): Promise<string> {
    // Neither the repository that a hook runs us for nor the settings of whoever runs the tests.
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"));
    const author = { GIT_AUTHOR_NAME: "somebody", GIT_AUTHOR_EMAIL: "somebody@example.com" };
    const committer = { GIT_COMMITTER_NAME: "somebody", GIT_COMMITTER_EMAIL: "somebody@example.com" };
    const env = { ...Object.fromEntries(inherited), ...author, ...committer };
    const settings = ["-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null"];
    const { stdout } = await promisify(execFile)("git", ["-C", this.path, ...settings, ...args], { env });
    return stdout.trim();
  }
}

/** Files with which builds wait or fail: the switches that cheap builds heed. */
export class Switches {
  constructor(private readonly folder: string) {}

  static async create(folder: string): Promise<Switches> {
    await mkdir(folder, { recursive: true });
    return new Switches(folder);
  }

  /** Does something while the builds of `what` wait at their beginning. */
  holding<T>(what: string, work: () => Promise<T>): Promise<T> {
    return this.during(`hold-${what}`, work);
  }

  /** Does something while the builds of `what` fail. */
  failing<T>(what: string, work: () => Promise<T>): Promise<T> {
    return this.during(`fail-${what}`, work);
  }

  private async during<T>(name: string, work: () => Promise<T>): Promise<T> {
    await writeFile(join(this.folder, name), "");
    try {
      return await work();
    } finally {
      await rm(join(this.folder, name));
    }
  }
}

const ACT = `# Tells what it is about, waits as long as it is told to, and fails where it is told to.
echo "$1 of $RELEASE with $GIT_COMMIT of $GIT_BRANCH"
while [ -e "$SWITCHES/hold-$1" ]; do sleep 0.02; done
[ ! -e "$SWITCHES/fail-$1" ] || { echo "$1 was told to fail"; exit 1; }
`;

const BUILD = `[ "$1" != --pull-request ] || exec bash act.sh PullRequest
set -e
bash act.sh Build
mkdir -p out/exported
echo "built for $RELEASE from $(cat $CODEBUILD_SRC_DIR_ReleaseData/inputData.json) in version $DATA_VERSION" > out/built.txt
echo "what \\"$RELEASE\\" would change" > out/exported/PREVIEW_SUMMARY
`;

const DEPLOY = `set -e
bash act.sh $STACK
cat out/built.txt
echo "rmse of $RELEASE on $STACK" > out/exported/MODEL_METRICS
echo "digest of $RELEASE" > out/exported/MODEL_ARCHIVE
echo "digests of $RELEASE" > out/exported/MODEL_BASELINE
`;

/** A program that is a shell script and nothing else. */
const programOf = (script: string) =>
  `const { status } = require("node:child_process").spawnSync("bash", ["${script}", ...process.argv.slice(2)], { stdio: "inherit" });
process.exitCode = status ?? 1;
`;

/** A build spec that would fail, and that no build heeds: each has its own. */
const HOSTILE_SPEC = "version: 0.2\nphases: { build: { commands: [exit 1] } }\n";

/** A tree whose builds only say what they were told, with programs at the paths of the project's own. */
export const CHEAP_BUILDS = {
  "act.sh": ACT,
  "build.sh": BUILD,
  "deploy.sh": DEPLOY,
  "package.json": JSON.stringify({ scripts: { build: "true" } }),
  "pipeline/install.sh": "",
  "dist/pipeline/build.js": programOf("build.sh"),
  "dist/pipeline/deploy.js": programOf("deploy.sh"),
  "buildspec.yml": HOSTILE_SPEC,
  "pipeline/build.buildspec.yml": HOSTILE_SPEC,
  "pipeline/deploy.buildspec.yml": HOSTILE_SPEC,
};
