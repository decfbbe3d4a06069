import {
  CloudWatchLogsClient,
  paginateFilterLogEvents,
  ResourceNotFoundException,
} from "@aws-sdk/client-cloudwatch-logs";
import { apiName } from "../../lib/release";
import { itemsOf } from "../support/pages";
import type { AwsSettings } from "../support/context";

/** A line that the function behind the API has written about a request. */
export interface LogLine {
  readonly time: string;
  readonly message: string;
}

/** The lines of the function's log with an id in them; none if the stack has no API. */
export async function logLinesOf(
  aws: AwsSettings,
  { model, stack, since }: { readonly model: string; readonly stack: string; readonly since: Date },
  id: string,
): Promise<LogLine[]> {
  const search = {
    logGroupName: `/aws/lambda/${apiName(model, stack)}`,
    startTime: since.getTime(),
    filterPattern: JSON.stringify(id),
  };
  try {
    return await itemsOf(
      paginateFilterLogEvents({ client: new CloudWatchLogsClient(aws) }, search),
      ({ events = [] }) =>
        events.map(({ timestamp = 0, message = "" }) => ({
          time: new Date(timestamp).toISOString(),
          message: message.trim(),
        })),
    );
  } catch (error) {
    if (error instanceof ResourceNotFoundException) {
      return [];
    }
    throw error;
  }
}
