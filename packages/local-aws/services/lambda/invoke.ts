import { InvokeCommand } from "@aws-sdk/client-lambda";
import { Uint8ArrayBlobAdapter } from "@smithy/core/serde";
import { operation, type Operation } from "../../core/operation";
import { checkPayload } from "./calls";
import type { LambdaContext } from "./context";
import { notPlayed } from "./settings";

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const LIMIT_BYTES = { RequestResponse: 6_291_456, Event: 1_048_576, DryRun: 6_291_456 };

/** Calling a function and waiting for its answer, or not. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export function invokeOperation({ local, store, calls, events }: LambdaContext): Operation {
  return operation(InvokeCommand, async (input) => {
    for (const name of ["DurableExecutionName", "TenantId"] as const) {
      if (input[name] !== undefined) {
        throw notPlayed(name, input[name]);
      }
    }
    const reference = store.reference(input.FunctionName, input.Qualifier);
    const { InvocationType: type = "RequestResponse" } = input;
    // A client may give text; what comes over the wire is bytes.
    const payload = input.Payload instanceof Uint8Array ? input.Payload : new Uint8Array();
    checkPayload(payload, LIMIT_BYTES[type]);
    const clientContext =
      input.ClientContext === undefined ? undefined : Buffer.from(input.ClientContext, "base64").toString("utf8");
    if (type !== "RequestResponse") {
      // Neither is a request by which an alias's shares are counted.
      const owner = store.get(reference);
      store.qualified(owner, reference.qualifier);
      if (type === "Event" && !local.faults.functionSilent(owner.name)) {
        events.send(reference, payload, clientContext);
      }
      return { StatusCode: type === "Event" ? 202 : 204 };
    }
    const call = await calls.call(calls.choose(reference), payload, clientContext);
    return {
      StatusCode: 200,
      Payload: new Uint8ArrayBlobAdapter(call.payload),
      ExecutedVersion: call.executedVersion,
      ...(call.errorType === undefined ? {} : { FunctionError: "Unhandled" }),
      ...(input.LogType === "Tail" ? { LogResult: Buffer.from(call.logTail).toString("base64") } : {}),
    };
  });
}
