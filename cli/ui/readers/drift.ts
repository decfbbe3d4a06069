import { z } from "zod";
import { MONITORING_FOLDER, MONITORING_SUBFOLDERS } from "../../../lib/monitoring-names";
import { endpointPrefix } from "../../../lib/release";
import type { DriftShown } from "../shown";
import type { Watched } from "../watched";
import { endpointNames } from "./endpoints";
import { Objects } from "./objects";

const TWO_DAYS_MS = 2 * 86_400_000;

/** A report of `monitoring/drift.py`, as far as it is shown. */
const report = z.object({
  outcome: z.string(),
  rows: z.number(),
  features: z.record(
    z.string(),
    z.object({
      distance: z.number().nullable(),
      threshold: z.number(),
      psi: z.number().nullable(),
      violated: z.boolean(),
    }),
  ),
});

/** The newest report of drift within two days, of any endpoint that is there. */
export async function readDrift(watched: Watched): Promise<DriftShown> {
  const objects = new Objects(watched);
  const since = new Date(Date.now() - TWO_DAYS_MS).toISOString().slice(0, 10).replaceAll("-", "/");
  const endpoints = await endpointNames(watched, endpointPrefix(watched.model, "prod"));
  const listed = await Promise.all(
    endpoints.map(async (endpoint) => {
      const folder = `${MONITORING_FOLDER}/${MONITORING_SUBFOLDERS.reports}/${endpoint}/`;
      const found = await objects.list(folder, `${folder}${since}`);
      return found.flatMap(({ key, at }) => (key.endsWith("/drift.json") ? { key, at, endpoint } : []));
    }),
  );
  const [newest] = listed.flat().sort((a, b) => b.at.localeCompare(a.at));
  if (newest === undefined) {
    return { features: [] };
  }
  const { outcome, rows, features } = report.parse(await objects.json(newest.key));
  return {
    report: { endpoint: newest.endpoint, at: newest.at, rows, outcome },
    features: Object.entries(features)
      .map(([name, { violated, ...measured }]) => ({ name, ...measured, isViolated: violated }))
      .sort((a, b) => (b.distance ?? 0) - (a.distance ?? 0)),
  };
}
