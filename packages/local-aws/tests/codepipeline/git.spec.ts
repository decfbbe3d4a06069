import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { GitRepository } from "../../services/codepipeline/git";
import { gitEnvironment } from "../../core/git-environment";

describe("the git repository of a pipeline's sources", () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "git-"));
  });
  afterEach(async () => {
    delete process.env.GIT_DIR;
    await rm(dir, { recursive: true, force: true });
  });

  async function repository(name: string): Promise<string> {
    const folder = join(dir, name);
    await mkdir(folder);
    execFileSync("git", ["-C", folder, "init", "--quiet", `--initial-branch=${name}`], { env: gitEnvironment() });
    const commit = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false", "commit"];
    execFileSync("git", ["-C", folder, ...commit, "--quiet", "--allow-empty", "--no-verify", "-m", name], {
      env: gitEnvironment(),
    });
    return folder;
  }

  it("is the one of its folder, also where a git hook runs us", async () => {
    const own = await repository("own");
    process.env.GIT_DIR = join(await repository("other"), ".git");

    const git = new GitRepository(own);

    expect([...(await git.heads()).keys()]).to.deep.equal(["refs/heads/own"]);
    expect((await git.commit("own")).message).to.equal("own");
  });
});
