import { LambdaClient, ResourceNotFoundException } from "@aws-sdk/client-lambda";
import { releasesWithTraffic, type Watched } from "../../handlers/watched-releases";
import { LIVE_ALIAS } from "../../lib/contract";
import { apiName } from "../../lib/release";
import type { AwsSettings } from "../support/context";

export type { Watched };

/** The releases that the API of a stack sends traffic to, and their shares; none if the stack has no API, as `dev` has none. */
export async function trafficOf(aws: AwsSettings, model: string, stack: string): Promise<readonly Watched[]> {
  try {
    return await releasesWithTraffic(
      { functionName: apiName(model, stack), aliasName: LIVE_ALIAS },
      new LambdaClient(aws),
    );
  } catch (error) {
    if (error instanceof ResourceNotFoundException) {
      return [];
    }
    throw error;
  }
}

/** A share of the traffic in words: `10 %`. */
export const percent = (share: number) => `${Math.round(share * 1000) / 10} %`;
