import { paginateListServiceQuotas, ServiceQuotasClient, type ServiceQuota } from "@aws-sdk/client-service-quotas";
import { itemsOf } from "../support/pages";
import type { AwsSettings } from "../support/context";
import type { Project } from "../support/project";
import type { Finding } from "./check";

/** A quota that the stacks of a project need. */
interface Needed {
  readonly service: "sagemaker" | "codebuild" | "lambda";
  /** As Service Quotas calls it. */
  readonly quota: string;
  /** Below this nothing works. */
  readonly least: number;
  /** What it should be, and what for. */
  readonly enough: number;
  readonly why: string;
}

/** Instances that an endpoint has at its most if nothing else is configured. */
const USUAL_INSTANCES = 1;

/** The quotas that the configured instance types, functions and builds count against. */
function neededBy(project: Project): Needed[] {
  const jobs = [
    ["trainingInstanceType", "training job"],
    ["baselineInstanceType", "processing job"],
  ].flatMap(([key = "", use]): Needed[] => {
    const type = project.value("train", key);
    const quota = `${type} for ${use} usage`;
    return type === undefined ? [] : [{ service: "sagemaker", quota, least: 1, enough: 1, why: `a ${use} at a time` }];
  });
  const endpoints = ["dev", "prod"].flatMap((stack): Needed[] => {
    const type = project.value(stack, "instanceType");
    const number = (key: string) => Number(project.value(stack, key) ?? USUAL_INSTANCES);
    const why = `two releases of stack ${stack} side by side, scaled out`;
    // A new release's endpoint is there before the old one goes.
    const [least, enough] = [2 * number("minInstances"), 2 * Math.max(number("minInstances"), number("maxInstances"))];
    return type === undefined
      ? []
      : [{ service: "sagemaker", quota: `${type} for endpoint usage`, least, enough, why }];
  });
  return [
    ...jobs,
    ...endpoints,
    {
      ...{ service: "codebuild", quota: "Concurrently running builds for Linux/Medium environment" },
      ...{ least: 1, enough: 2, why: "a build of the pipeline, and one of a pull request" },
    },
    {
      ...{ service: "lambda", quota: "Concurrent executions" },
      ...{ least: 10, enough: 100, why: "callers and a rollout's probes, of all functions of the account together" },
    },
  ];
}

/** What Service Quotas tells of each quota that the project needs. */
export async function quotaFindings(aws: AwsSettings, project: Project): Promise<Finding[]> {
  const client = new ServiceQuotasClient(aws);
  const needed = neededBy(project);
  const services = [...new Set(needed.map(({ service }) => service))];
  const quotas = await Promise.all(
    services.map((ServiceCode) =>
      itemsOf(paginateListServiceQuotas({ client }, { ServiceCode, MaxResults: 100 }), ({ Quotas }) => Quotas),
    ),
  );
  return needed.map((one) => findingOf(one, quotas.flat()));
}

function findingOf({ service, quota, least, enough, why }: Needed, quotas: readonly ServiceQuota[]): Finding {
  const what = `quota: ${quota}`;
  const there = quotas.find(({ QuotaName, ServiceCode = service }) => QuotaName === quota && ServiceCode === service);
  if (there?.Value === undefined) {
    return { what, verdict: "warn", found: `Service Quotas does not tell it (${why})` };
  }
  const { Value: value, QuotaCode = "<code>" } = there;
  const remedy = `aws service-quotas request-service-quota-increase --service-code ${service} --quota-code ${QuotaCode} --desired-value ${enough}`;
  if (value < least) {
    return { what, verdict: "fail", found: `${value}, and ${least} are needed: ${why}`, remedy };
  }
  return value < enough
    ? { what, verdict: "warn", found: `${value}, and ${enough} are for ${why}`, remedy }
    : { what, verdict: "ok", found: String(value) };
}
