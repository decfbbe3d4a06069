import { ConcurrentUpdateError, type Stack } from "@pulumi/pulumi/automation";
import { explained } from "../lib/errors";
import type { Deployments, Lock } from "./deployments";
import { Progress, type Tell } from "./progress";

/** What an update is run with. */
export interface UpdateOptions {
  /** File of the plan that it must not exceed. @default - none */
  readonly plan?: string;
  /** What is known of builds that may have left the state locked. @default - nothing, and no lock is taken over */
  readonly deployments?: Deployments;
  readonly tell: Tell;
}

/** The state is locked by somebody who may still be at work: nothing was done. */
export class LockedError extends Error {}

/**
 * `pulumi up`, told line by line. A lock that a dead build has left is taken over.
 *
 * @throws LockedError; Error with what the engine complains of
 */
export async function update(stack: Stack, options: UpdateOptions): Promise<void> {
  try {
    await up(stack, options);
  } catch (error) {
    if (!(error instanceof ConcurrentUpdateError)) {
      throw error;
    }
    await takeOver(stack, error, options);
    await up(stack, options).catch((second: unknown) => {
      throw second instanceof ConcurrentUpdateError ? locked(stack, locksOf(second.message)) : second;
    });
  }
}

async function up(stack: Stack, { plan, tell }: UpdateOptions): Promise<void> {
  const progress = new Progress(tell);
  try {
    await stack.up({ plan, color: "never", suppressProgress: true, onEvent: progress.onEvent });
  } catch (cause) {
    throw progress.failure(cause);
  } finally {
    progress.close();
  }
}

async function takeOver(stack: Stack, error: ConcurrentUpdateError, { deployments, tell }: UpdateOptions) {
  const locks = locksOf(error.message);
  const inUse = await deployments?.inUse(locks).catch((cause: unknown) => {
    const why = explained(cause).message;
    throw locked(stack, locks, ` It is not known whether that is a build that has ended: ${why}`);
  });
  if (locks.length === 0 || inUse === undefined || inUse.length > 0) {
    throw locked(stack, inUse ?? locks);
  }
  tell(`the state was left locked by a build that has ended (${locks.map(({ text }) => text).join(", ")}): unlocked`);
  await stack.cancel();
}

function locked({ name }: Stack, locks: readonly Lock[], more = ""): LockedError {
  const by = locks.length > 0 ? locks.map(({ text }) => text).join(", ") : "another update";
  return new LockedError(
    `the state of stack ${name} is locked (${by}): somebody else is deploying it. Retry the stage when that has ended; ` +
      `if it is known to be dead, unlock it with: pulumi cancel --stack ${name}.${more}`,
  );
}

/**
 * The locks that the engine names in its complaint, which it prints twice:
 * `…json: created by root@host (pid 12) at 2026-01-01T00:00:00Z`.
 */
export function locksOf(complaint: string): Lock[] {
  const found = [...complaint.matchAll(/created by (\S*@(\S+) \(pid \d+\) at (\S+))/g)];
  const locks = found.map(([, text = "", hostname = "", at = ""]) => [text, { hostname, at, text }] as const);
  return [...new Map(locks).values()];
}
