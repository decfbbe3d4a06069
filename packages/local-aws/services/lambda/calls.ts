import { randomUUID } from "node:crypto";
import { AwsError } from "../../core/aws-error";
import { messageOf } from "../../core/failure";
import type { FunctionInvoker, Invocation, Local } from "../../core/local";
import { InvocationMetrics } from "./invocation-metrics";
import { functionArn, type FunctionReference } from "./names";
import type { Pools } from "./pool";
import { silence } from "./silence";
import { LATEST, type FunctionStore, type FunctionVersion, type LambdaFunction } from "./store";
import type { Target } from "./target";
import type { Outcome } from "./worker";

/** How a call went. */
export interface Call extends Outcome {
  readonly executedVersion: string;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const REQUEST_LIMIT_BYTES = 6_291_456;

/** Calls functions: chooses the version, keeps to the reserved concurrency, and counts. */
export class FunctionCalls implements FunctionInvoker {
  private readonly metrics: InvocationMetrics;
  private readonly inFlight = new Map<LambdaFunction, number>();

  constructor(
    private readonly local: Local,
    private readonly store: FunctionStore,
    private readonly pools: Pools,
  ) {
    this.metrics = new InvocationMetrics(local.metrics);
  }

  async invoke(functionName: string, qualifier: string | undefined, payload: Uint8Array): Promise<Invocation> {
    checkPayload(payload, REQUEST_LIMIT_BYTES);
    const target = this.choose(this.store.reference(functionName, qualifier));
    const call = await this.call(target, payload);
    return {
      payload: call.payload,
      executedVersion: call.executedVersion,
      functionError: call.errorType === undefined ? undefined : "Unhandled",
    };
  }

  /**
   * Decides which version answers the next call of an alias, which counts as one of its requests.
   *
   * @throws ResourceNotFoundException, or ResourceConflictException where the version is still being created
   */
  choose(reference: FunctionReference): Target {
    const owner = this.store.get(reference);
    const qualified = this.store.qualified(owner, reference.qualifier);
    if (qualified.kind === "version") {
      const version = this.ready(qualified.version);
      return { owner, version, qualifier: reference.qualifier, isWeighted: false };
    }
    const { alias } = qualified;
    const chosen = alias.additional !== undefined && alias.share.takesNext() ? alias.additional.version : alias.version;
    return {
      owner,
      version: this.ready(this.store.version(owner, chosen)),
      qualifier: alias.name,
      isWeighted: alias.additional !== undefined,
    };
  }

  /** @throws TooManyRequestsException beyond the function's reserved concurrency */
  async call(
    target: Target,
    payload: Uint8Array,
    clientContext?: string,
    requestId: string = randomUUID(),
  ): Promise<Call> {
    const { owner, version, qualifier } = target;
    const running = (this.inFlight.get(owner) ?? 0) + 1;
    if (owner.reservedConcurrency !== undefined && running > owner.reservedConcurrency) {
      this.metrics.throttled(target);
      throw new AwsError("TooManyRequestsException", "Rate Exceeded.", 429, {
        Type: "User",
        Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
      });
    }
    this.inFlight.set(owner, running);
    this.metrics.started(target, running);
    const at = this.local.clock.now();
    try {
      const outcome = this.local.faults.functionSilent(owner.name)
        ? await silence(this.local, version, requestId)
        : await this.pools.run(version, {
            requestId,
            payload,
            invokedFunctionArn: functionArn(this.store.account, owner.name, qualifier),
            clientContext,
          });
      this.metrics.ended(target, outcome, at);
      return { ...outcome, executedVersion: version.version };
    } finally {
      this.inFlight.set(owner, (this.inFlight.get(owner) ?? 1) - 1);
    }
  }

  private ready(version: FunctionVersion): FunctionVersion {
    if (version.readyAt <= this.local.clock.now()) {
      return version;
    }
    if (version.version === LATEST && version.updateOf !== undefined) {
      return this.ready(version.updateOf);
    }
    throw new AwsError(
      "ResourceConflictException",
      "The operation cannot be performed at this time. The function is currently in the following state: Pending",
      409,
      { Type: "User" },
    );
  }
}

/** @throws RequestTooLargeException or InvalidRequestContentException */
export function checkPayload(payload: Uint8Array, limitBytes: number): void {
  if (payload.byteLength > limitBytes) {
    throw new AwsError(
      "RequestTooLargeException",
      `Request must be smaller than ${limitBytes} bytes for the InvokeFunction operation`,
      413,
      { Type: "User" },
    );
  }
  try {
    JSON.parse(payload.byteLength === 0 ? "{}" : Buffer.from(payload).toString("utf8"));
  } catch (error) {
    throw new AwsError(
      "InvalidRequestContentException",
      `Could not parse request body into json: ${messageOf(error)}`,
      400,
      {
        Type: "User",
      },
    );
  }
}
