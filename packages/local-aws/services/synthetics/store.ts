import { randomBytes, randomUUID } from "node:crypto";
import { arn, type Account } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import { Tags } from "../../core/tags";
import { invalid } from "./errors";
import type { Settings } from "./settings";
import type { CanaryState } from "./shapes";

/** The Lambda function that a canary runs in. */
export interface Engine {
  readonly functionName: string;
  /** The version that runs. */
  readonly version: string;
  readonly layerVersionArn: string;
}

/** One run of a canary. */
export interface CanaryRun {
  readonly id: string;
  readonly startedAt: Date;
  completedAt?: Date;
  state: "RUNNING" | "PASSED" | "FAILED";
  /** Why it failed. */
  reason?: { readonly text: string; readonly code: "CANARY_FAILURE" | "EXECUTION_FAILURE" };
  /** Bucket and folder, without `s3://`. */
  readonly artifacts: string;
}

export interface Canary {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  /** What its function and its layer are called. */
  readonly engineName: string;
  /** Its folder among the artifacts. */
  readonly artifactsName: string;
  settings: Settings;
  /** @default - while it is being created, or if that failed */
  engine?: Engine;
  state: CanaryState;
  reason?: { readonly text: string; readonly code: string };
  readonly createdAt: Date;
  modifiedAt: Date;
  startedAt?: Date;
  stoppedAt?: Date;
  /** The oldest first. */
  readonly runs: CanaryRun[];
  readonly tags: Tags;
  /** Ends its schedule. */
  cancel?: () => void;
}

/** Of a canary's name, what names of its function, layer and log group have. */
const NAME_IN_ENGINE = 21;

/** All canaries of the local AWS. */
export class CanaryStore {
  private readonly canaries = new Map<string, Canary>();

  constructor(private readonly account: Account) {}

  /** @throws ValidationException if there is one of that name */
  add(name: string, settings: Settings, tags: Readonly<Record<string, string>>, now: Date): Canary {
    if (this.canaries.has(name)) {
      throw invalid(`Canary already exists: ${name}`);
    }
    const added: Canary = {
      name,
      id: randomUUID(),
      arn: arn(this.account, "synthetics", `canary:${name}`),
      engineName: `cwsyn-${name.slice(0, NAME_IN_ENGINE)}-${randomUUID()}`,
      artifactsName: `${name}-${randomBytes(2).toString("hex").slice(1)}-${randomBytes(6).toString("hex")}`,
      settings,
      state: "CREATING",
      reason: { text: "Canary is being created", code: "CREATE_IN_PROGRESS" },
      createdAt: now,
      modifiedAt: now,
      runs: [],
      tags: new Tags(tags),
    };
    this.canaries.set(name, added);
    return added;
  }

  /** @throws ResourceNotFoundException */
  get(name: string): Canary {
    const found = this.canaries.get(name);
    if (found === undefined) {
      throw new AwsError("ResourceNotFoundException", `Canary not found: ${name}`, 404);
    }
    return found;
  }

  /** @throws NotFoundException */
  byArn(canaryArn: string): Canary {
    const found = this.list().find((one) => one.arn === canaryArn);
    if (found === undefined) {
      throw new AwsError("NotFoundException", `Resource not found: ${canaryArn}`, 404);
    }
    return found;
  }

  /** @param names @default - all */
  list(names?: readonly string[]): readonly Canary[] {
    const all = [...this.canaries.values()];
    return names === undefined ? all : all.filter((one) => names.includes(one.name));
  }

  remove(canary: Canary): void {
    this.canaries.delete(canary.name);
  }
}

/** @throws ConflictException unless the canary is in one of these states */
export function checkState(canary: Canary, states: readonly CanaryState[], operation: string): void {
  if (!states.includes(canary.state)) {
    throw new AwsError(
      "ConflictException",
      `${operation} is not possible for canary ${canary.name} in the state ${canary.state}: it must be ${states.join(" or ")}`,
      409,
    );
  }
}
