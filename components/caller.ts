import type * as pulumi from "@pulumi/pulumi";
import { getRegionOutput } from "@pulumi/aws/getRegion";

/** The region of the AWS provider that `resource` uses; dynamic resources have no provider to ask, and are told it as an input. */
export function callerRegion(resource: pulumi.Resource): pulumi.Output<string> {
  return getRegionOutput({}, { parent: resource }).region;
}
