import * as pulumi from "@pulumi/pulumi";
import { roleFolder } from "../lib/release";

/**
 * Puts every role that the stack makes below the stack's IAM path, by which the role that deploys it is limited: see `roleFolder`; and
 * within a permissions boundary where there is one. To be called before the first resource.
 */
export function keepRolesTogether(
  model: string,
  stack: Parameters<typeof roleFolder>[1],
  permissionsBoundary: string | undefined,
): void {
  const path = roleFolder(model, stack);
  pulumi.runtime.registerStackTransformation(({ type, props, opts }) =>
    type === "aws:iam/role:Role" ? { props: { ...props, path, permissionsBoundary }, opts } : undefined,
  );
}
