/** A trouble that somebody ordered, to see what the release does about it. */
export interface Fault {
  /** The model's container answers 500. */
  readonly kind: "model-errors";
  /** Name of the endpoint whose container it is. */
  readonly endpoint: string;
  /** Requests that are still answered well: what the checks before the traffic send. @default 0 */
  readonly afterInvocations?: number;
}

/** The switchboard of faults: set by rehearsals, by tests and by hand, asked by the services. */
export class Faults {
  private readonly byEndpoint = new Map<string, Fault>();

  set(fault: Fault): void {
    this.byEndpoint.set(fault.endpoint, fault);
  }

  clear(): void {
    this.byEndpoint.clear();
  }

  list(): readonly Fault[] {
    return [...this.byEndpoint.values()];
  }

  /** Whether the container of `endpoint` is to fail, having answered `invocations` requests before. */
  modelFails(endpoint: string, invocations: number): boolean {
    const fault = this.byEndpoint.get(endpoint);
    return fault !== undefined && invocations >= (fault.afterInvocations ?? 0);
  }
}
