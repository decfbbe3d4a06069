import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { signedService, type HttpRequest, type Service } from "../../core/http";
import type { MetricSink } from "../../core/local";
import { metricsOfLine } from "./emf";

const TARGET = "Logs_20140328.PutLogEvents";
const HOUR_MS = 3_600_000;
/** CloudWatch Logs takes an event that is no older, and not further in the future; others it leaves out and says so. */
const OLDEST_MS = 14 * 24 * HOUR_MS;
const NEWEST_MS = 2 * HOUR_MS;

const input = z.object({ logEvents: z.array(z.object({ message: z.string(), timestamp: z.number() })) });

/**
 * Reads metrics in the embedded metric format out of what is put into CloudWatch Logs.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
 *
 * @param logs keeps the lines, and refuses what it cannot keep
 */
export function withEmbeddedMetrics(logs: Service, metrics: MetricSink): Service {
  return {
    ...logs,
    async handle(request) {
      const response = await logs.handle(request);
      const isPut = signedService(request) === "logs" && request.headers["x-amz-target"] === TARGET;
      if (isPut && response.status === 200) {
        metrics.put(takenLines(request).flatMap(metricsOfLine));
      }
      return response;
    },
  };
}

function takenLines({ headers, body }: HttpRequest): readonly string[] {
  const bytes = headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
  const { logEvents } = input.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
  const now = Date.now();
  return logEvents
    .filter(({ timestamp }) => timestamp >= now - OLDEST_MS && timestamp <= now + NEWEST_MS)
    .map(({ message }) => message);
}
