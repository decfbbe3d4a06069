/**
 * CloudWatch: metrics, alarms that are really evaluated, dashboards; and the log sink that reads metrics out of log lines (`logs.ts`).
 * AWS's text on alarms is what `alarm-evaluation.ts` follows.
 */
import { gunzipSync } from "node:zlib";
import type { Account } from "../../core/account";
import type { Clock } from "../../core/clock";
import type { HttpRequest, HttpResponse, Service } from "../../core/http";
import { jsonRpcService } from "../../core/json-rpc";
import type { Violations } from "../../core/operation";
import type { EventSink, MetricSink } from "../../core/local";
import type { AlarmTelling } from "./alarm-actions";
import { alarmOperations } from "./alarm-operations";
import { Alarms } from "./alarms";
import { dashboardOperations } from "./dashboards";
import { metricOperations } from "./metric-operations";
import { MetricStore } from "./metric-store";
import { cloudWatchTags, tagOperations } from "./tags";
import { widgetImageOperations } from "./widget-image";

/** What CloudWatch may have to work with beside the clock. */
export interface CloudWatchOptions {
  /** Constraints of AWS's service model. @default - inputs are only checked to be complete */
  readonly violations?: Violations;
  /** Where changes of alarms are told. @default - nowhere */
  readonly events?: EventSink;
  /** How alarms carry their actions out. @default - they do not */
  readonly telling?: AlarmTelling;
}

/**
 * CloudWatch (AWS JSON 1.0). Composite alarms, anomaly detectors, metric streams and the like answer `NotImplemented`.
 *
 * @returns the service, and where other services put their metrics
 */
export function cloudWatch(
  clock: Clock,
  account: Account,
  { violations, events, telling }: CloudWatchOptions = {},
): { service: Service; metrics: MetricSink } {
  const metrics = new MetricStore(clock);
  const tags = cloudWatchTags();
  const operations = [
    ...metricOperations(clock, metrics),
    ...alarmOperations(new Alarms(clock, account, metrics, events, telling), tags),
    ...dashboardOperations(clock, account, tags),
    ...widgetImageOperations(clock, account, metrics),
    ...tagOperations(tags),
  ];
  const rpc = jsonRpcService("CloudWatch", operations, { violations });
  const service: Service = {
    ...rpc,
    handle: async (request) => withQueryError(await rpc.handle(uncompressed(request))),
  };
  return { service, metrics };
}

/** Clients compress `PutMetricData` when it is larger than 10 KiB. */
function uncompressed(request: HttpRequest): HttpRequest {
  return request.headers["content-encoding"] === "gzip" ? { ...request, body: gunzipSync(request.body) } : request;
}

/** CloudWatch's errors are older than its JSON protocol. Where the code differed then, it travels in a header, and boto3 shows that one. */
const QUERY_CODES: Readonly<Record<string, string>> = {
  DashboardInvalidInputError: "InvalidParameterInput",
  DashboardNotFoundError: "ResourceNotFound",
  InternalServiceFault: "InternalServiceError",
  InvalidFormatFault: "InvalidFormat",
  InvalidParameterCombinationException: "InvalidParameterCombination",
  InvalidParameterValueException: "InvalidParameterValue",
  LimitExceededFault: "LimitExceeded",
  MissingRequiredParameterException: "MissingParameter",
  ValidationException: "ValidationError",
};

function withQueryError(response: HttpResponse): HttpResponse {
  const code = QUERY_CODES[response.headers["x-amzn-errortype"] ?? ""];
  return code === undefined
    ? response
    : { ...response, headers: { ...response.headers, "x-amzn-query-error": `${code};Sender` } };
}
