import { hostname } from "node:os";
import { BatchGetBuildsCommand, CodeBuildClient } from "@aws-sdk/client-codebuild";
import { DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import { readNote, type Place } from "./note";
import type { Settings } from "./settings";

/** A build that has begun to deploy a stack and has not reported its end. */
const begun = z.object({ buildId: z.string(), hostname: z.string(), since: z.iso.datetime() });
export type Begun = z.infer<typeof begun>;

/** A lock of the state, as the engine reports it. */
export interface Lock {
  readonly hostname: string;
  /** Since when, ISO 8601. */
  readonly at: string;
  /** The engine's text: by whom, in which process, since when. */
  readonly text: string;
}

/**
 * Notes of the builds that deploy a stack, in the artifact bucket. A build that is stopped or dies leaves its note and the engine's lock on
 * the state. From the note the next build knows that nobody uses the lock.
 */
export class Deployments {
  private readonly s3 = new S3Client();
  private readonly object: Place;
  private others: readonly Begun[] = [];

  constructor(
    { artifactBucket, pipelineName }: Pick<Settings, "artifactBucket" | "pipelineName">,
    stack: string,
    private readonly buildId: string,
  ) {
    this.object = { Bucket: artifactBucket, Key: `${pipelineName}/deployments/${stack}.json` };
  }

  /** Notes that this build begins. */
  async begin(): Promise<void> {
    this.others = (await this.read()).filter(({ buildId }) => buildId !== this.buildId);
    await this.write([
      ...this.others,
      { buildId: this.buildId, hostname: hostname(), since: new Date().toISOString() },
    ]);
  }

  /** Notes that this build is done. @param heldLock whether it has held the lock; if so, no earlier build holds it any more */
  async end(heldLock: boolean): Promise<void> {
    if (heldLock || this.others.length === 0) {
      await this.s3.send(new DeleteObjectCommand(this.object));
    } else {
      await this.write(this.others);
    }
  }

  /** The locks that may still be in use: all but those of builds that have ended. */
  async inUse(locks: readonly Lock[]): Promise<readonly Lock[]> {
    const ended = await this.ended();
    return locks.filter((lock) => !ended.some((build) => isOf(lock, build)));
  }

  private async ended(): Promise<readonly Begun[]> {
    if (this.others.length === 0) {
      return [];
    }
    const ids = this.others.map(({ buildId }) => buildId);
    const { builds = [] } = await new CodeBuildClient().send(new BatchGetBuildsCommand({ ids }));
    const running = builds.filter(({ buildComplete }) => buildComplete !== true).map(({ id }) => id);
    return this.others.filter(({ buildId }) => !running.includes(buildId));
  }

  private async read(): Promise<readonly Begun[]> {
    return z.array(begun).parse(JSON.parse((await readNote(this.s3, this.object)) ?? "[]"));
  }

  private async write(notes: readonly Begun[]): Promise<void> {
    await this.s3.send(new PutObjectCommand({ ...this.object, Body: JSON.stringify(notes) }));
  }
}

/** Whether a lock may belong to a build. The engine reports whole seconds. */
function isOf(lock: Lock, { hostname: host, since }: Begun): boolean {
  const wholeSecond = Math.floor(Date.parse(since) / 1000) * 1000;
  return lock.hostname === host && Date.parse(lock.at) >= wholeSecond;
}
