import { spawn } from "node:child_process";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { readNote } from "./note";
import type { Settings } from "./settings";
import type { Tell } from "./progress";

/** Environment variables that the checks must not get: with them they could act as the build, or use its settings. */
const NOT_FOR_CHECKS = /^(AWS|CODEBUILD|PULUMI)_/;

/**
 * Runs the project's checks, unless this commit has passed the same checks in an earlier build.
 *
 * @throws Error if they fail; their output is in the log
 */
export async function check(settings: Settings, tell: Tell): Promise<void> {
  const { artifactBucket, pipelineName, gitCommit, checks } = settings;
  const marker = { Bucket: artifactBucket, Key: `${pipelineName}/checks/${gitCommit}` };
  const s3 = new S3Client();
  if ((await readNote(s3, marker)) === checks) {
    tell(`checks: commit ${gitCommit} has passed them before`);
    return;
  }
  await runChecks(settings, tell);
  await s3.send(new PutObjectCommand({ ...marker, Body: checks }));
}

/** Runs the project's checks, whatever earlier builds have done. */
export async function runChecks({ checks, root }: Pick<Settings, "checks" | "root">, tell: Tell): Promise<void> {
  tell(`checks: ${checks}`);
  const variables = Object.entries(process.env).filter(([name]) => !NOT_FOR_CHECKS.test(name));
  const child = spawn(checks, { cwd: root, shell: true, env: Object.fromEntries(variables), stdio: "inherit" });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) {
    throw new Error(`the checks (${checks}) ended with exit code ${code ?? "none, but by a signal"}`);
  }
}
