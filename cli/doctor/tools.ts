import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { HeadBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import { runPulumi } from "../support/pulumi";
import type { AwsSettings, Context } from "../support/context";
import type { Finding } from "./check";

/** As `engines` of the package says. */
const LEAST_NODE = [20, 19] as const;
/** As the package's peer dependencies say. */
const LEAST_PULUMI = [3, 248] as const;

const isAtLeast = (version: string, [major, minor]: readonly [number, number]) => {
  const [, ownMajor = "0", ownMinor = "0"] = /(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(ownMajor) > major || (Number(ownMajor) === major && Number(ownMinor) >= minor);
};

/** The Node that runs this. */
export function nodeFinding(version = process.version): Finding {
  const what = "Node";
  return isAtLeast(version, LEAST_NODE)
    ? { what, verdict: "ok", found: version }
    : { what, verdict: "fail", found: version, remedy: `install Node ${LEAST_NODE.join(".")} or newer` };
}

/** The Pulumi CLI on PATH. Without it AWS can be asked all the same. */
export async function pulumiFinding(context: Context): Promise<Finding> {
  const what = "Pulumi CLI";
  const remedy = `install ${LEAST_PULUMI.join(".")} or newer: https://www.pulumi.com/docs/iac/download-install/`;
  try {
    const version = (await runPulumi(context, ["version"])).trim();
    return isAtLeast(version, LEAST_PULUMI)
      ? { what, verdict: "ok", found: version }
      : { what, verdict: "fail", found: version, remedy };
  } catch (error) {
    const found = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    return { what, verdict: "warn", found, remedy: `to deploy, roll back or destroy from here, ${remedy}` };
  }
}

const plugins = z.array(z.object({ name: z.string(), kind: z.string(), version: z.string().optional() }));

/** The engine's plugin for AWS; the engine gets it by itself where it may. */
export async function pluginFinding(context: Context): Promise<Finding | readonly Finding[]> {
  const what = "Pulumi's plugin for AWS";
  const printed = await runPulumi(context, ["plugin", "ls", "--json"]).catch(() => undefined);
  if (printed === undefined) {
    return [];
  }
  const found = plugins.parse(JSON.parse(printed)).filter(({ name, kind }) => name === "aws" && kind === "resource");
  const versions = found.flatMap(({ version }) => version ?? []);
  return versions.length > 0
    ? { what, verdict: "ok", found: versions.join(", ") }
    : {
        what,
        verdict: "warn",
        found: "none is installed yet",
        remedy: "pulumi up gets it; or: npm ci && pulumi install",
      };
}

/** Whether Pulumi's state can be reached, where the pipeline or the environment says where it is. */
export async function stateFinding({ aws, project, env }: Context): Promise<Finding> {
  const what = "state of the stacks";
  const url = project.value("pipeline", "stateUrl") ?? env.PULUMI_BACKEND_URL;
  if (url === undefined) {
    const remedy = "pulumi login, and config stateUrl of stack pipeline: docs/aws.md";
    return { what, verdict: "warn", found: "neither config stateUrl nor PULUMI_BACKEND_URL says where it is", remedy };
  }
  if (url.startsWith("file://")) {
    const folder = fileURLToPath(url);
    return existsSync(folder)
      ? { what, verdict: "ok", found: folder }
      : { what, verdict: "fail", found: `${folder} is not there`, remedy: `pulumi login ${url}` };
  }
  const [, bucket] = /^s3:\/\/([^/?]+)/.exec(url) ?? [];
  return bucket === undefined
    ? { what, verdict: "warn", found: `${url} was not looked at`, remedy: "pulumi whoami asks it" }
    : bucketFinding(aws, what, bucket, "docs/aws.md#2-where-pulumi-keeps-its-state makes it");
}

/** Whether a bucket is there. */
export async function bucketFinding(aws: AwsSettings, what: string, Bucket: string, remedy: string): Promise<Finding> {
  try {
    await new S3Client(aws).send(new HeadBucketCommand({ Bucket }));
    return { what, verdict: "ok", found: `bucket ${Bucket}` };
  } catch (error) {
    if (error instanceof Error && error.name === "NotFound") {
      return { what, verdict: "fail", found: `there is no bucket ${Bucket}`, remedy };
    }
    throw error;
  }
}
