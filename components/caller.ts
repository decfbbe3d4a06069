import * as pulumi from "@pulumi/pulumi";
import * as config from "@pulumi/aws/config";
import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import { getRegionOutput } from "@pulumi/aws/getRegion";
import * as z from "zod";
import type { Account, AssumedRole } from "./providers/support/account";

/** The region of the AWS provider that `resource` uses; dynamic resources have no provider to ask, and are told it as an input. */
export function callerRegion(resource: pulumi.Resource): pulumi.Output<string> {
  return getRegionOutput({}, { parent: resource }).region;
}

/** The account of that provider, and the ways to its credentials that are no secrets: keys stay with it. */
export function callerAccount(resource: pulumi.Resource): pulumi.Output<Account> {
  const { accountId } = getCallerIdentityOutput({}, { parent: resource });
  // What a provider was given is an output of it, though its type names only some.
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
  // AWS's own, of an hour, does: credentials that expire are asked for again.
  duration: z
    .string()
    .optional()
    .transform(() => undefined),
});

/**
 * The roles as the provider has them: its configuration keeps lists as JSON in text.
 *
 * @throws {pulumi.ResourceError} for what would be left out, such as a policy that limits a role.
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
