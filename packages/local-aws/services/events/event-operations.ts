import { PutEventsCommand, TestEventPatternCommand, type PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import { AwsError } from "../../core/aws-error";
import { operation, type Checked, type Operation } from "../../core/operation";
import { checkBus, type Bus } from "./bus";
import { parsePattern } from "./pattern";

/** Operations on events. */
export function eventOperations(bus: Bus): readonly Operation[] {
  return [
    operation(PutEventsCommand, (input) => {
      if (input.EndpointId !== undefined) {
        throw new AwsError("ResourceNotFoundException", `Endpoint ${input.EndpointId} does not exist.`);
      }
      const Entries = input.Entries.map((entry) => put(bus, entry));
      return { FailedEntryCount: Entries.filter(({ EventId }) => EventId === undefined).length, Entries };
    }),

    operation(TestEventPatternCommand, (input) => {
      const event = jsonObject(input.Event);
      if (event === undefined) {
        throw new AwsError("InvalidEventPatternException", "Parameter Event is not valid.");
      }
      return { Result: parsePattern(input.EventPattern)(event) };
    }),
  ];
}

interface Outcome {
  readonly EventId?: string;
  readonly ErrorCode?: string;
  readonly ErrorMessage?: string;
}

/** One bad entry does not keep the others from being put. */
function put(bus: Bus, entry: Checked<PutEventsRequestEntry>): Outcome {
  const { Source: source, DetailType: detailType, Detail: detail, Resources: resources = [] } = entry;
  checkBus(entry.EventBusName);
  if (source === undefined || detailType === undefined || detail === undefined) {
    const missing = source === undefined ? "Source" : detailType === undefined ? "DetailType" : "Detail";
    return {
      ErrorCode: "InvalidArgument",
      ErrorMessage: `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`,
    };
  }
  if (source.startsWith("aws.")) {
    return { ErrorCode: "NotAuthorizedForSource", ErrorMessage: `Not authorized for the source ${source}.` };
  }
  const read = jsonObject(detail);
  if (read === undefined) {
    return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
  }
  return { EventId: bus.put({ source, "detail-type": detailType, resources, detail: read }, entry.Time).id };
}

function jsonObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
