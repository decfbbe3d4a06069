import type * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../../service-role";

/**
 * Allows actions of one service.
 *
 * @param resources ARNs; `*` only for actions for which AWS lets no resource be named
 */
export function allow(
  service: string,
  resources: readonly pulumi.Input<string>[] | "*",
  actions: readonly string[],
  condition?: Statement["Condition"],
): Statement {
  const Action = actions.map((action) => `${service}:${action}`);
  return { Action, Resource: resources, ...(condition === undefined ? {} : { Condition: condition }) };
}
