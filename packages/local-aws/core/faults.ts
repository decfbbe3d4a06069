import { isOfKind, readFault, targetOf, type Fault, type FaultKind, type FaultOf } from "./fault-kinds";

export type { Fault, FaultKind, FaultOf } from "./fault-kinds";

/** The faults that are set for an endpoint's container. */
export interface ModelFaults {
  readonly errors: FaultOf<"model-errors"> | undefined;
  readonly slow: FaultOf<"model-slow"> | undefined;
  readonly predictions: FaultOf<"model-predictions"> | undefined;
}

/** The faults that are set. Rehearsals, tests and people set them; the services ask for them. */
export class Faults {
  /** By kind and target: one of each kind can strike the same target. */
  private readonly faults = new Map<string, Fault>();

  /**
   * Sets a fault. It replaces one of the same kind and target.
   *
   * @throws AwsError `ValidationException` if a value is out of its range
   */
  set(fault: Fault): void {
    const checked = readFault(fault);
    this.faults.set(key(checked.kind, targetOf(checked)), checked);
  }

  /** Removes every fault. */
  clear(): void {
    this.faults.clear();
  }

  /** Removes the faults of a kind: that of one target, or all. */
  remove(kind: FaultKind, target?: string): void {
    for (const [at, fault] of this.faults) {
      if (fault.kind === kind && (target === undefined || targetOf(fault) === target)) {
        this.faults.delete(at);
      }
    }
  }

  list(): readonly Fault[] {
    return [...this.faults.values()];
  }

  /** What is wrong with the container of an endpoint in service. */
  model(endpoint: string): ModelFaults {
    return {
      errors: this.get("model-errors", endpoint),
      slow: this.get("model-slow", endpoint),
      predictions: this.get("model-predictions", endpoint),
    };
  }

  /** Whether a container that an endpoint starts never becomes healthy. */
  containerUnhealthy(endpoint: string): boolean {
    return this.get("container-unhealthy", endpoint) !== undefined;
  }

  /** Whether an endpoint's captures are lost. */
  capturesLost(endpoint: string): boolean {
    return this.get("captures-lost", endpoint) !== undefined;
  }

  /** Why a job fails before its container starts; `undefined` if it does not. */
  jobFails(jobName: string): FaultOf<"job-fails">["reason"] | undefined {
    return this.get("job-fails", jobName)?.reason;
  }

  /** Seconds after which a job on spot capacity loses it; `undefined` if it does not. */
  spotInterruption(jobName: string): number | undefined {
    return this.get("spot-interruption", jobName)?.afterSeconds;
  }

  /** Whether a function is never run when it is called. */
  functionSilent(functionName: string): boolean {
    return this.get("function-silent", functionName) !== undefined;
  }

  /** What a quota of the account is set to, if it is. */
  accountLimit(quota: FaultOf<"account-limit">["quota"]): number | undefined {
    return this.get("account-limit", quota)?.value;
  }

  /** The troubles of a service, which is given by its signing name. */
  awsTroubles(service: string): readonly FaultOf<"aws-trouble">[] {
    return this.list().flatMap((fault) =>
      isOfKind(fault, "aws-trouble") && (fault.services?.includes(service) ?? true) ? [fault] : [],
    );
  }

  private get<K extends FaultKind>(kind: K, target: string): FaultOf<K> | undefined {
    const fault = this.faults.get(key(kind, target));
    return isOfKind(fault, kind) ? fault : undefined;
  }
}

const key = (kind: FaultKind, target: string) => `${kind}/${target}`;
