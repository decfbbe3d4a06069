import type { DeploymentInfo } from "@aws-sdk/client-codedeploy";
import {
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ResourceNotFoundException,
} from "@aws-sdk/client-lambda";
import { z } from "zod";
import { LIVE_ALIAS, VARIABLES } from "../../../lib/contract";
import { apiName } from "../../../lib/release";
import { deployments, isRollback, isUnderWay } from "../../serving/deployments";
import type { DeploymentShown, RolloutShown } from "../shown";
import type { Watched } from "../watched";
import { readSide } from "./sides";

/** What a rollout writes for CodeDeploy, as far as it is read here. JSON is the form that it takes. */
const appSpec = z.object({
  Resources: z.array(
    z.record(z.string(), z.object({ Properties: z.object({ CurrentVersion: z.string(), TargetVersion: z.string() }) })),
  ),
});

/** Where the traffic goes, and the newest rollout with what each of its sides has answered. */
export async function readRollout(watched: Watched): Promise<RolloutShown> {
  const functionName = apiName(watched.model, "prod");
  const versions = new Versions(watched, functionName);
  const [shares, newest] = await Promise.all([versions.shares(), deployments(watched.aws, functionName, 1)]);
  // A rollback is part of the story of the rollout that it undoes.
  const info = newest.find((one) => !isRollback(one));
  if (info === undefined) {
    return { shares, sides: [] };
  }
  const deployment = deploymentShown(info);
  const { blue = "", green = "" } = versionsOf(info);
  const sides = [
    { side: "blue", version: blue, release: await versions.release(blue) },
    // A version that was rolled back goes with its release.
    { side: "green", version: green, release: deployment.release },
  ] as const;
  const known = sides.filter(({ release }) => release !== "");
  const since = info.createTime ?? new Date();
  return {
    shares,
    deployment,
    sides: await Promise.all(known.map((side) => readSide(watched, functionName, side, since))),
  };
}

/** Which release each version of the function serves. */
class Versions {
  private readonly client: LambdaClient;

  constructor(
    { aws }: Watched,
    private readonly functionName: string,
  ) {
    this.client = new LambdaClient(aws);
  }

  async shares(): Promise<RolloutShown["shares"]> {
    const others = await this.weights();
    return Promise.all(
      others
        .sort((a, b) => b.share - a.share)
        .map(async ({ version, share }) => ({ version, share, release: await this.release(version) })),
    );
  }

  /** "" if the version has gone. */
  async release(version: string): Promise<string> {
    if (version === "") {
      return "";
    }
    const command = new GetFunctionConfigurationCommand({ FunctionName: this.functionName, Qualifier: version });
    const found = await this.client.send(command).catch(unlessMissing);
    return found?.Environment?.Variables?.[VARIABLES.release] ?? "";
  }

  private async weights() {
    const command = new GetAliasCommand({ FunctionName: this.functionName, Name: LIVE_ALIAS });
    const alias = await this.client.send(command).catch(unlessMissing);
    if (alias?.FunctionVersion === undefined) {
      return [];
    }
    const weights = Object.entries(alias.RoutingConfig?.AdditionalVersionWeights ?? {}).filter(
      ([, share]) => share > 0,
    );
    const rest = weights.reduce((sum, [, share]) => sum - share, 1);
    return [
      { version: alias.FunctionVersion, share: rest },
      ...weights.map(([version, share]) => ({ version, share })),
    ];
  }
}

function unlessMissing(error: unknown): undefined {
  if (!(error instanceof ResourceNotFoundException)) {
    throw error;
  }
  return undefined;
}

/** A deployment as the page shows it. */
export function deploymentShown(info: DeploymentInfo): DeploymentShown {
  const { code, message } = info.errorInformation ?? {};
  const why = [code, message].filter((part) => part !== undefined && part !== "").join(": ");
  return {
    id: info.deploymentId ?? "",
    status: info.status ?? "",
    isUnderWay: isUnderWay(info),
    isRollback: isRollback(info),
    release: info.description ?? "",
    createdAt: info.createTime?.toISOString(),
    completedAt: info.completeTime?.toISOString(),
    why: why === "" ? undefined : why,
  };
}

function versionsOf({ revision }: DeploymentInfo): { readonly blue?: string; readonly green?: string } {
  const content = revision?.appSpecContent?.content;
  const { data } = appSpec.safeParse(parsed(content ?? ""));
  const properties = data?.Resources.flatMap((resource) => Object.values(resource))[0]?.Properties;
  return { blue: properties?.CurrentVersion, green: properties?.TargetVersion };
}

/** `undefined` for what is no JSON, such as an AppSpec in YAML that somebody else has written. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
