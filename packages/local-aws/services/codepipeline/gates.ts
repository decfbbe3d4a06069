import type { ExecutionMode } from "@aws-sdk/client-codepipeline";
import type { Execution } from "./execution";

/** How an execution's waiting before a stage ends. */
export type Entry = "entered" | "superseded" | "stopped";

interface Gate {
  occupant: Execution | undefined;
  closed: boolean;
  readonly waiting: { readonly execution: Execution; readonly end: (how: Entry) => void }[];
}

/**
 * The ways into a pipeline's stages. A stage takes one execution at a time, and those before it wait: each for its turn (`QUEUED`), or
 * only the newest while older ones are superseded (`SUPERSEDED`). In mode `PARALLEL` a stage takes all at once.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html
 */
export class StageGates {
  private readonly gates = new Map<string, Gate>();

  /** @param mode of the pipeline at present */
  constructor(private readonly mode: () => ExecutionMode) {}

  enter(stageName: string, execution: Execution): Promise<Entry> {
    return new Promise((end) => {
      const gate = this.gate(stageName);
      gate.waiting.push({ execution, end });
      gate.waiting.sort((a, b) => a.execution.sequence - b.execution.sequence);
      this.admit(gate);
      if (this.mode() === "SUPERSEDED") {
        gate.waiting.splice(0, gate.waiting.length - 1).forEach((older) => older.end("superseded"));
      }
    });
  }

  leave(stageName: string, execution: Execution): void {
    const gate = this.gate(stageName);
    if (gate.occupant === execution) {
      gate.occupant = undefined;
    }
    this.admit(gate);
  }

  /** Ends an execution's waiting, wherever it waits. Returns whether it waited. */
  callOff(execution: Execution): boolean {
    return [...this.gates.values()].some((gate) => {
      const at = gate.waiting.findIndex((waiter) => waiter.execution === execution);
      gate.waiting.splice(at, at < 0 ? 0 : 1).forEach((waiter) => waiter.end("stopped"));
      return at >= 0;
    });
  }

  setClosed(stageName: string, closed: boolean): void {
    const gate = this.gate(stageName);
    gate.closed = closed;
    this.admit(gate);
  }

  /** Executions that wait before a stage, oldest first. */
  waitingBefore(stageName: string): readonly Execution[] {
    return this.gate(stageName).waiting.map(({ execution }) => execution);
  }

  private admit(gate: Gate): void {
    const parallel = this.mode() === "PARALLEL";
    while (!gate.closed && (parallel || gate.occupant === undefined)) {
      const next = gate.waiting.shift();
      if (next === undefined) {
        return;
      }
      gate.occupant = parallel ? undefined : next.execution;
      next.end("entered");
    }
  }

  private gate(stageName: string): Gate {
    const gate = this.gates.get(stageName) ?? { occupant: undefined, closed: false, waiting: [] };
    this.gates.set(stageName, gate);
    return gate;
  }
}
