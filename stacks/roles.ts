import * as pulumi from "@pulumi/pulumi";
import { roleFolder } from "../lib/release";

/**
 * Puts every role that the stack makes below the model's IAM path, by which the roles that deploy are limited: see `roleFolder`; and within
 * a permissions boundary where there is one. To be called before the first resource.
 */
export function keepRolesTogether(model: string, permissionsBoundary: string | undefined): void {
  const path = roleFolder(model);
  pulumi.runtime.registerStackTransformation(({ type, props, opts }) =>
    type === "aws:iam/role:Role" ? { props: { ...props, path, permissionsBoundary }, opts } : undefined,
  );
}
