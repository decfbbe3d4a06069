import * as pulumi from "@pulumi/pulumi";
import { roleFolder } from "../lib/release";

/**
 * Puts every role of the stack below the stack's IAM path, to which the deploying role is limited (see `roleFolder`), and within the
 * permissions boundary, if there is one. Must be called before the first resource.
 */
export function keepRolesTogether(model: string, stack: string, permissionsBoundary: string | undefined): void {
  const path = roleFolder(model, stack);
  pulumi.runtime.registerStackTransformation(({ type, props, opts }) =>
    type === "aws:iam/role:Role" ? { props: { ...props, path, permissionsBoundary }, opts } : undefined,
  );
}
