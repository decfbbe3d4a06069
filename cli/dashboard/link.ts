import { CloudWatchClient, GetDashboardCommand } from "@aws-sdk/client-cloudwatch";
import { explained } from "../../lib/errors";
import { monitoringNames } from "../../lib/monitoring-names";
import { watchPrefix } from "../../lib/release";
import type { Answer } from "../support/answer";
import type { Context } from "../support/context";

export interface LinkOptions {
  readonly stack: string;
}

/** Domains of the console in other partitions than `aws`, by what their regions begin with. */
const CONSOLES = { "cn-": "amazonaws.cn", "us-gov-": "amazonaws-us-gov.com" } as const;

/** `safe-deploy dashboard` */
export async function link({ aws, model, terminal }: Context, { stack }: LinkOptions): Promise<Answer> {
  const client = new CloudWatchClient(aws);
  const { dashboard } = monitoringNames(watchPrefix(model, stack));
  await client.send(new GetDashboardCommand({ DashboardName: dashboard })).catch((error: unknown) => {
    throw isMissing(error)
      ? new Error(`there is no dashboard ${dashboard}: config dashboard of stack ${stack} makes it`, { cause: error })
      : explained(error);
  });
  const region = await client.config.region();
  const domain = Object.entries(CONSOLES).find(([begin]) => region.startsWith(begin))?.[1] ?? "aws.amazon.com";
  const url = `https://${region}.console.${domain}/cloudwatch/home?region=${region}#dashboards:name=${dashboard}`;
  if (aws.endpoint !== undefined || process.env.AWS_ENDPOINT_URL !== undefined) {
    terminal.tell("This is where it is on AWS: the local AWS has no console.");
  }
  return { json: { dashboard, url }, lines: [url] };
}

/** The SDK has a class for this error and another name for it, by protocol. */
function isMissing(error: unknown): boolean {
  return error instanceof Error && /^(ResourceNotFound|DashboardNotFoundError)/.test(error.name);
}
