import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gitEnvironment, UNSIGNED_AND_UNCHECKED } from "local-aws/core/git-environment";
import { sourceRepository } from "../../journey/repository";

describe("the repository that a pipeline takes its code from", () => {
  let dir: string;
  let folder: string;
  const bare = () => join(dir, "bare.git");

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "repository-"));
    folder = join(dir, "project");
    await mkdir(join(folder, "node_modules"), { recursive: true });
    await writeFile(join(folder, ".gitignore"), "node_modules\n");
    await writeFile(join(folder, "node_modules", "package.js"), "");
    await writeFile(join(folder, "code.ts"), "first");
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  function git(where: string, ...args: readonly string[]): string {
    const person = ["-c", "user.name=a", "-c", "user.email=a@example.com", ...UNSIGNED_AND_UNCHECKED];
    return execFileSync("git", ["-C", where, ...person, ...args], { encoding: "utf8", env: gitEnvironment() }).trim();
  }
  function commit(): string {
    git(folder, "init", "--quiet");
    git(folder, "add", "--all");
    git(folder, "commit", "--quiet", "--message", "mine");
    return git(folder, "rev-parse", "HEAD");
  }

  it("holds the commit that is checked out, also where no branch is", async () => {
    const id = commit();
    git(folder, "checkout", "--quiet", "--detach");

    const { path, branch, told } = await sourceRepository(folder, bare());

    expect(git(path, "rev-parse", `refs/heads/${branch}`)).to.equal(id);
    expect(told).to.contain(id.slice(0, 7));
  });

  it("holds the commit that is checked out where it has files that .gitignore names, and its changes of them", async () => {
    commit();
    git(folder, "add", "--force", "node_modules/package.js");
    git(folder, "commit", "--quiet", "--message", "with a package");
    const id = git(folder, "rev-parse", "HEAD");

    const clean = await sourceRepository(folder, bare());
    expect(git(clean.path, "rev-parse", clean.branch)).to.equal(id);

    await writeFile(join(folder, "node_modules", "package.js"), "changed");
    await rm(join(folder, "code.ts"));
    const changed = await sourceRepository(folder, bare());
    expect(git(changed.path, "show", `${changed.branch}:node_modules/package.js`)).to.equal("changed");
    expect(git(changed.path, "ls-tree", "-r", "--name-only", changed.branch)).to.equal(
      ".gitignore\nnode_modules/package.js",
    );
  });

  it("holds nothing that the folder's own repository keeps out by .git/info/exclude", async () => {
    const id = commit();
    await writeFile(join(folder, ".git", "info", "exclude"), "notes.md\n");
    await writeFile(join(folder, "notes.md"), "");

    const { path, branch } = await sourceRepository(folder, bare());

    expect(git(path, "rev-parse", branch)).to.equal(id);
  });

  it("tells why no commit can be read", async () => {
    git(folder, "init", "--quiet");

    const { told } = await sourceRepository(folder, bare());

    expect(told).to.match(
      /^no commit of the project's folder can be read \(fatal: .*HEAD.*\): releasing a snapshot of it/,
    );
  });

  it("holds a snapshot of changes that are not committed, and leaves the folder's own repository alone", async () => {
    const id = commit();
    await writeFile(join(folder, "code.ts"), "second");
    await writeFile(join(folder, "new.ts"), "new");
    const status = git(folder, "status", "--porcelain");
    const index = await readFile(join(folder, ".git", "index"));

    const { path, branch, told } = await sourceRepository(folder, bare());

    expect(git(path, "show", `${branch}:code.ts`)).to.equal("second");
    expect(git(path, "ls-tree", "-r", "--name-only", branch).split("\n")).to.deep.equal([
      ".gitignore",
      "code.ts",
      "new.ts",
    ]);
    expect(told).to.match(/changes that are not committed: releasing a snapshot of it, commit [0-9a-f]{7}$/);
    expect(await readFile(join(folder, ".git", "index"))).to.deep.equal(index);
    expect(git(folder, "status", "--porcelain")).to.equal(status);
    expect(git(folder, "rev-parse", "HEAD")).to.equal(id);
  });

  it("holds a snapshot of a folder that is no repository, and of nothing that was there before", async () => {
    await sourceRepository(folder, bare());
    await rm(join(folder, "code.ts"));
    await writeFile(join(folder, "other.ts"), "");

    const { path, branch } = await sourceRepository(folder, bare());

    expect(git(path, "ls-tree", "-r", "--name-only", branch)).to.equal(".gitignore\nother.ts");
    expect(git(path, "rev-list", "--count", branch)).to.equal("1");
  });
});
