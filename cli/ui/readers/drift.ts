import { MONITORING_SUBFOLDERS } from "../../../lib/monitoring-names";
import { endpointPrefix, monitoringFolder } from "../../../lib/release";
import { driftReport } from "../../drift/report";
import { Objects } from "../../support/objects";
import type { DriftShown } from "../shown";
import type { Watched } from "../watched";
import { endpointNames } from "./endpoints";

const TWO_DAYS_MS = 2 * 86_400_000;

/** The newest report of drift within two days, of any endpoint that is there. */
export async function readDrift(watched: Watched): Promise<DriftShown> {
  const { aws, model, bucket } = watched;
  const prefix = `${monitoringFolder(model, "prod")}/${MONITORING_SUBFOLDERS.reports}/`;
  const objects = new Objects(aws, { bucket, prefix });
  const since = new Date(Date.now() - TWO_DAYS_MS).toISOString().slice(0, 10).replaceAll("-", "/");
  const endpoints = await endpointNames(watched, endpointPrefix(model, "prod"));
  const listed = await Promise.all(
    endpoints.map(async (endpoint) => {
      const found = await objects.list(`${endpoint}/`, `${endpoint}/${since}`);
      return found.flatMap(({ key, at }) => (key.endsWith("/drift.json") ? { key, at, endpoint } : []));
    }),
  );
  const [newest] = listed.flat().sort((a, b) => b.at.localeCompare(a.at));
  if (newest === undefined) {
    return { features: [] };
  }
  const { outcome, rows, features } = driftReport(
    await objects.json(newest.key),
    `s3://${bucket}/${prefix}${newest.key}`,
  );
  return {
    report: { endpoint: newest.endpoint, at: newest.at, rows, outcome },
    features: Object.entries(features)
      .map(([name, { violated, ...measured }]) => ({ name, ...measured, isViolated: violated }))
      .sort((a, b) => (b.distance ?? 0) - (a.distance ?? 0)),
  };
}
