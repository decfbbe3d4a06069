import * as pulumi from "@pulumi/pulumi";
import * as config from "@pulumi/aws/config";
import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import { getPartitionOutput } from "@pulumi/aws/getPartition";
import { getRegionOutput } from "@pulumi/aws/getRegion";
import * as z from "zod";
import type { Account, AssumedRole } from "./providers/support/account";

/** The region of the AWS provider that `resource` uses. Dynamic resources have no provider to ask, so they get the region as an input. */
export function callerRegion(resource: pulumi.Resource): pulumi.Output<string> {
  return getRegionOutput({}, { parent: resource }).region;
}

/** The partition of that region, which ARNs begin with: `aws`, `aws-cn` or `aws-us-gov`. */
export function callerPartition(resource: pulumi.Resource): pulumi.Output<string> {
  return getPartitionOutput({}, { parent: resource }).partition;
}

/** The account of that provider, and how to get its credentials without a secret. Keys stay in the provider. */
export function callerAccount(resource: pulumi.Resource): pulumi.Output<Account> {
  const { accountId } = getCallerIdentityOutput({}, { parent: resource });
  // Every setting of a provider is an output of it, though its type names only some.
  const settings: object = resource.getProvider("aws:index/getRegion:getRegion") ?? config;
  const profile: unknown = Reflect.get(settings, "profile");
  const assumeRoles: unknown = Reflect.get(settings, "assumeRoles");
  return pulumi.all([accountId, pulumi.output(profile), pulumi.output(assumeRoles)]).apply(([id, named, roles]) => ({
    id,
    ...(isGiven(named) ? { profile: String(named) } : {}),
    ...(isGiven(roles) ? { assumeRoles: rolesOf(roles, resource) } : {}),
  }));
}

const isGiven = (value: unknown) => value !== undefined && value !== null && value !== "";

const ROLE = z.strictObject({
  roleArn: z.string(),
  sessionName: z.string().optional(),
  externalId: z.string().optional(),
  // Left out: AWS's default of an hour is enough, since expired credentials are renewed.
  duration: z
    .string()
    .optional()
    .transform(() => undefined),
});

/**
 * The roles as the provider has them. Its configuration keeps lists as JSON text.
 *
 * @throws {pulumi.ResourceError} if a role has a member that would be left out, such as a policy that limits it.
 */
function rolesOf(setting: unknown, on: pulumi.Resource): AssumedRole[] {
  const parsed = z.array(ROLE).safeParse(typeof setting === "string" ? JSON.parse(setting) : setting);
  if (!parsed.success) {
    throw new pulumi.ResourceError(
      `assumeRoles of the AWS provider may have roleArn, sessionName, externalId and duration here: ${parsed.error.message}`,
      on,
      true,
    );
  }
  return parsed.data.map(({ roleArn, sessionName, externalId }) => ({
    roleArn,
    ...(sessionName === undefined ? {} : { sessionName }),
    ...(externalId === undefined ? {} : { externalId }),
  }));
}
