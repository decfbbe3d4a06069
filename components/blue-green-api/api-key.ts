import type * as pulumi from "@pulumi/pulumi";
import * as apigateway from "@pulumi/aws/apigateway";
import { transform } from "../support/transform";
import type { FrontTransforms } from "./transforms";

/** Arguments of {@link keyOf}. */
interface KeyArgs {
  readonly apiName: string;
  /** Requests per second, in the long run and at once. */
  readonly rateLimit: number;
  readonly burstLimit: number;
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  readonly transform?: FrontTransforms;
}

/** A key that opens a stage, and the plan by which it does, with the stage's limits. */
export function keyOf(name: string, args: KeyArgs, stage: apigateway.Stage, parent: pulumi.Resource) {
  const { transform: changes, tags } = args;
  const apiKey = new apigateway.ApiKey(
    ...transform(changes?.apiKey, `${name}-key`, { name: args.apiName, tags }, { parent }),
  );
  const usagePlan = new apigateway.UsagePlan(
    ...transform(
      changes?.usagePlan,
      `${name}-plan`,
      {
        name: args.apiName,
        apiStages: [{ apiId: stage.restApi, stage: stage.stageName }],
        throttleSettings: { rateLimit: args.rateLimit, burstLimit: args.burstLimit },
        tags,
      },
      { parent },
    ),
  );
  const usagePlanKey = new apigateway.UsagePlanKey(
    ...transform(
      changes?.usagePlanKey,
      `${name}-plan-key`,
      { keyId: apiKey.id, keyType: "API_KEY", usagePlanId: usagePlan.id },
      { parent },
    ),
  );
  return { apiKey, usagePlan, usagePlanKey };
}
