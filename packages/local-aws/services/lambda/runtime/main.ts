/**
 * What runs inside a function's process: loads the handler, asks Lambda's Runtime API for one event after the other and posts the
 * answers, as AWS's own runtime for Node does. Bundled by `../runtime-program.ts` and run by plain `node`; imports Node's
 * built-ins only, and few of them, because each process pays for them.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
import { RuntimeApi, type Event } from "./api";
import { logTo } from "./console";
import { contextOf } from "./context";
import { errorReport, RuntimeError, type ErrorReport } from "./errors";
import { loadHandler, type Handler } from "./handler";

const api = new RuntimeApi(process.env.AWS_LAMBDA_RUNTIME_API ?? "");
let current: Event | undefined;

// The local AWS holds the other end of this pipe: when it is gone, so are we. Not counted as work, so that a function which waits
// for what never comes ends as it does on AWS.
process.stdin.on("end", () => process.exit(0));
process.stdin.resume().unref();

logTo(process.stdout, () => current?.requestId);

process.on("uncaughtException", (error) => void die(errorReport(error), 129));
process.on("unhandledRejection", (reason) => {
  const { errorMessage } = errorReport(reason);
  void die(errorReport(new RuntimeError("Runtime.UnhandledPromiseRejection", errorMessage)), 128);
});
process.on("beforeExit", () => {
  if (current !== undefined) {
    const message =
      "The Lambda runtime client detected an unexpected exit code. This is most commonly caused by unresolved promises in code.";
    void die(errorReport(new RuntimeError("Runtime.NodeJsExit", message)), 1);
  }
});

void serve();

async function serve(): Promise<void> {
  const handler = await initialise();
  for (;;) {
    current = await api.next();
    const answer = await answerTo(handler, current);
    finishOutput(current);
    await ("payload" in answer
      ? api.succeed(current.requestId, answer.payload)
      : api.fail(current.requestId, answer.error));
    current = undefined;
  }
}

async function initialise(): Promise<Handler> {
  try {
    return await loadHandler(process.env.LAMBDA_TASK_ROOT ?? "", process.env._HANDLER ?? "");
  } catch (error) {
    await die(errorReport(error), 1);
    throw error;
  }
}

async function answerTo(
  handler: Handler,
  event: Event,
): Promise<{ readonly payload: string } | { readonly error: ErrorReport }> {
  try {
    const value: unknown = JSON.parse(event.payload);
    return { payload: text(await handler(value, contextOf(event))) };
  } catch (error) {
    const report = errorReport(error);
    const { errorType, errorMessage, trace } = report;
    console.error("Invoke Error", JSON.stringify({ errorType, errorMessage, stack: trace }));
    return { error: report };
  }
}

function text(result: unknown): string {
  // What has no form in JSON, such as `undefined`, is answered as `null`.
  const json: unknown = JSON.stringify(result);
  return typeof json === "string" ? json : "null";
}

/** Tells, in the output itself, that an event's output is whole: the answer travels by another way and may be there sooner. */
function finishOutput(event: Event): void {
  process.stdout.write(`\u001e${event.requestId}\n`);
}

/** Reports why the function ends, of an event or of its start, and ends. */
async function die(report: ErrorReport, exitCode: number): Promise<void> {
  const { errorType, errorMessage, trace } = report;
  console.error("Uncaught Exception", JSON.stringify({ errorType, errorMessage, stack: trace }));
  if (current === undefined) {
    await api.failInit(report);
  } else {
    finishOutput(current);
    await api.fail(current.requestId, report);
  }
  process.exit(exitCode);
}
