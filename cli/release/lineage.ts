import { releaseEndpoint, type ReleaseEndpoint } from "../serving/endpoints";
import { trafficOf } from "../serving/traffic";
import { tripOf, type Trip } from "../pipeline/trip";
import { PipelineWatch } from "../pipeline/watch";
import type { AwsSettings } from "../support/context";
import { trainingOf, type Training } from "./training";

/** Where a release comes from, and what has become of it. */
export interface Lineage {
  readonly release: string;
  /** Its way through the pipeline; absent if it was deployed by hand. */
  readonly pipeline?: Trip;
  /** Why it has not succeeded; empty if it has, or has not ended. */
  readonly why: string;
  readonly code: Partial<Code>;
  readonly dataVersion?: string;
  readonly training?: Training;
  /** The metric that it was let pass by; absent if nothing tells. */
  readonly gate?: Gate;
  /** SHA-256 digest of its archive. */
  readonly archiveSha256?: string;
  readonly endpoints: readonly ServedBy[];
}

interface Code {
  readonly commit: string;
  readonly message: string;
  readonly branch: string;
}

/** A metric and its limits, such as `at most 10`. */
export interface Gate {
  readonly metric: string;
  readonly value: number;
  readonly limits: string;
}

/** An endpoint of a release. */
export interface ServedBy extends ReleaseEndpoint {
  /** Share of the traffic of the stack's API, 0 to 1; absent if the stack has no API. */
  readonly share?: number;
}

/** Whose lineage it is, and where to look for it. */
export interface LineageKey {
  readonly model: string;
  readonly pipelineName: string;
  readonly stacks: readonly string[];
  readonly release: string;
}

/** All that AWS tells of a release; `undefined` if it tells nothing. */
export async function lineageOf(aws: AwsSettings, key: LineageKey): Promise<Lineage | undefined> {
  const { model, pipelineName, release, stacks } = key;
  const [trip, training, found] = await Promise.all([
    tripOf(aws, pipelineName, release),
    trainingOf(aws, model, release),
    Promise.all(stacks.map((stack) => servedBy(aws, model, stack, release))),
  ]);
  const endpoints = found.flatMap((one) => one ?? []);
  if (trip === undefined && training === undefined && endpoints.length === 0) {
    return undefined;
  }
  const tags = endpoints.reduce<Partial<Record<string, string>>>((all, one) => ({ ...all, ...one.tags }), {
    ...training?.tags,
  });
  const hasFailed = trip !== undefined && !["Succeeded", "InProgress", "Stopping"].includes(trip.status);
  return {
    release,
    pipeline: trip,
    why: hasFailed ? await new PipelineWatch(aws, pipelineName).whyEnded(release) : "",
    code: trip?.code ?? { commit: tags.GitCommitHash, branch: tags.GitBranch },
    dataVersion: trip?.dataVersion ?? tags.DataVersionId,
    training,
    gate: gateIn(trip?.told.metrics),
    archiveSha256: tags.ModelArchiveSha256 ?? trip?.told.archive?.slice(0, DIGEST_CHARACTERS),
    endpoints,
  };
}

const DIGEST_CHARACTERS = 64;

async function servedBy(
  aws: AwsSettings,
  model: string,
  stack: string,
  release: string,
): Promise<ServedBy | undefined> {
  const [endpoint, traffic] = await Promise.all([
    releaseEndpoint(aws, model, stack, release),
    trafficOf(aws, model, stack),
  ]);
  const own = traffic.find(({ endpointName }) => endpointName === endpoint?.name);
  return endpoint && { ...endpoint, ...(traffic.length === 0 ? {} : { share: own?.share ?? 0 }) };
}

/** What stage Train has told first is what it has judged by: `validation:rmse 2.757, at most 10 (live 2.758 …`. */
export function gateIn(told: string | undefined): Gate | undefined {
  const [, metric, value, limits] =
    /^(\S+) (\S+), (at (?:least|most) [-\d.e]+(?:, at most [-\d.e]+)?)/.exec(told ?? "") ?? [];
  return metric === undefined || limits === undefined ? undefined : { metric, value: Number(value), limits };
}
