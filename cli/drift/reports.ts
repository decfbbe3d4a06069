import type { AwsSettings } from "../support/context";
import { Objects, type Folder } from "../support/objects";
import { driftReport, type DriftReport } from "./report";

const DAY_MS = 86_400_000;
const REPORT = "drift.json";

/**
 * The reports of drift jobs about the last days, the newest first.
 *
 * @param folder of the reports of all endpoints: `<endpoint>/<yyyy>/<mm>/<dd>/<hh>/…`
 */
export async function lastReports(
  aws: AwsSettings,
  folder: Folder,
  { days, last, now }: { readonly days: number; readonly last: number; readonly now: Date },
): Promise<DriftReport[]> {
  const objects = new Objects(aws, folder);
  const since = new Date(now.getTime() - days * DAY_MS).toISOString().slice(0, 10).replaceAll("-", "/");
  const endpoints = await objects.folders();
  const keys = await Promise.all(endpoints.map((endpoint) => objects.keys(`${endpoint}/`, `${endpoint}/${since}`)));
  const newest = keys
    .flat()
    .filter((key) => key.endsWith(`/${REPORT}`))
    .sort((a, b) => hourOf(b).localeCompare(hourOf(a)))
    .slice(0, last);
  const reports = await Promise.all(
    newest.map(async (key) => driftReport(await objects.json(key), `s3://${folder.bucket}/${folder.prefix}${key}`)),
  );
  return reports.sort((a, b) => b.to.localeCompare(a.to));
}

/** `<yyyy>/<mm>/<dd>/<hh>` of a key. */
const hourOf = (key: string) => key.split("/").slice(1, 5).join("/");
