import { styleText } from "node:util";
import type { Answer } from "../support/answer";
import type { Context } from "../support/context";
import { codeCommitFinding, credentialsFinding, logRoleFinding, modelMonitorFinding, rolesFinding } from "./account";
import { findingsOf, type Check, type Finding } from "./check";
import { quotaFindings } from "./quotas";
import { bucketFinding, nodeFinding, pluginFinding, pulumiFinding, stateFinding } from "./tools";

/** `safe-deploy doctor` */
export async function doctor(context: Context): Promise<Answer> {
  const { aws, terminal } = context;
  terminal.progress("asking AWS who calls");
  const credentials = await credentialsFinding(aws);
  const here = {
    Node: async () => nodeFinding(),
    "Pulumi CLI": () => pulumiFinding(context),
    plugin: () => pluginFinding(context),
  };
  terminal.progress("looking at the account, its quotas, and what is installed here");
  // Without credentials each of the others would only say so again.
  const findings = [
    credentials,
    ...(await findAll({ ...here, ...(credentials.verdict === "ok" ? inAccount(context) : {}) })),
  ];
  const count = (verdict: Finding["verdict"]) => findings.filter((one) => one.verdict === verdict).length;
  return {
    json: findings,
    lines: [...findings.flatMap(linesOf), "", `${count("ok")} ok, ${count("warn")} to look at, ${count("fail")} wrong`],
    exitStatus: count("fail") === 0 ? 0 : 1,
  };
}

function inAccount(context: Context): Readonly<Record<string, Check>> {
  const { aws, project } = context;
  return {
    region: async () => ({ what: "region", verdict: "ok", found: await context.region() }),
    "state of the stacks": () => stateFinding(context),
    "bucket of the data": async () => {
      const bucket = await context.bucket();
      return bucketFinding(aws, "bucket of the data", bucket, `aws s3 mb s3://${bucket}`);
    },
    roles: () => rolesFinding(context),
    "API Gateway's log role": () => logRoleFinding(context),
    "SageMaker Model Monitor": () => modelMonitorFinding(context),
    CodeCommit: () => codeCommitFinding(context),
    quotas: () => quotaFindings(aws, project),
  };
}

async function findAll(checks: Readonly<Record<string, Check>>): Promise<Finding[]> {
  return (await Promise.all(Object.entries(checks).map(([what, check]) => findingsOf(what, check)))).flat();
}

const COLOURS = { ok: "green", warn: "yellow", fail: "red" } as const;

function linesOf({ what, verdict, found, remedy }: Finding): string[] {
  const mark = styleText(COLOURS[verdict], verdict.padEnd(4), { validateStream: false });
  return [`${mark}  ${what}: ${found}`, ...(remedy === undefined ? [] : [`      ${remedy}`])];
}
