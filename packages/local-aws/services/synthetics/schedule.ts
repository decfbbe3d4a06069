import type { Operation } from "../../core/operation";
import type { SyntheticsContext } from "./canaries";
import { page } from "./errors";
import { runOnce } from "./run";
import { intervalMs } from "./settings";
import type { Named, PageInput } from "./shapes";
import { checkState, type Canary, type CanaryRun } from "./store";

/** How long a canary takes to start and to stop, in AWS's time. */
const CHANGING_MS = 3000;

/** Starting and stopping canaries, and their runs. */
export function runOperations(context: SyntheticsContext): readonly Operation[] {
  const { operation, store } = context;
  return [
    operation<Named>("StartCanary", (input) => {
      const canary = store.get(input.Name);
      checkState(canary, ["READY", "STOPPED"], "StartCanary");
      start(context, canary);
      return {};
    }),

    operation<Named>("StopCanary", (input) => {
      const canary = store.get(input.Name);
      checkState(canary, ["RUNNING"], "StopCanary");
      stop(context, canary);
      return {};
    }),

    operation<Named & PageInput>("GetCanaryRuns", (input) => {
      const { name, runs } = store.get(input.Name);
      const { items, nextToken } = page(runs.toReversed(), input.NextToken, input.MaxResults);
      return { CanaryRuns: items.map((run) => shown(name, run)), NextToken: nextToken };
    }),

    operation<PageInput & { readonly Names?: readonly string[] }>("DescribeCanariesLastRun", (input) => {
      const last = store
        .list(input.Names)
        .flatMap(({ name, runs }) => runs.slice(-1).map((run) => ({ CanaryName: name, LastRun: shown(name, run) })));
      const { items, nextToken } = page(last, input.NextToken, input.MaxResults);
      return { CanariesLastRun: items, NextToken: nextToken };
    }),
  ];
}

/** The first run begins at once, and no run before the one before it has ended. */
function start({ local, engines, background }: SyntheticsContext, canary: Canary): void {
  const { clock } = local;
  const run = async () => {
    if (canary.engine !== undefined) {
      await runOnce(local, engines.lambda, canary, canary.engine);
    }
  };
  canary.state = "STARTING";
  canary.startedAt = clock.now();
  clock.after(CHANGING_MS, () => {
    canary.state = "RUNNING";
    background.begin(`first run of canary ${canary.name}`, run);
    canary.cancel = clock.every(intervalMs(canary.settings.expression), run);
  });
}

function stop({ local: { clock } }: SyntheticsContext, canary: Canary): void {
  canary.cancel?.();
  canary.state = "STOPPING";
  canary.stoppedAt = clock.now();
  clock.after(CHANGING_MS, () => {
    canary.state = "STOPPED";
  });
}

function shown(name: string, { id, startedAt, completedAt, state, reason, artifacts }: CanaryRun) {
  const TestResult = reason?.code === "CANARY_FAILURE" ? "FAILED" : "PASSED";
  return {
    Id: id,
    ScheduledRunId: id,
    RetryAttempt: 0,
    Name: name,
    Status: {
      State: state,
      StateReason: reason?.text ?? "",
      StateReasonCode: reason?.code,
      TestResult: state === "RUNNING" ? "UNKNOWN" : TestResult,
    },
    Timeline: { Started: startedAt, Completed: completedAt, MetricTimestampForRunAndRetries: startedAt },
    ArtifactS3Location: artifacts,
    BrowserType: "CHROME",
  };
}
