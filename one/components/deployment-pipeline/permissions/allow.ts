import type * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../../service-role";

/**
 * Lets some actions of one service be done.
 *
 * @param resources ARNs; `*` only for actions of which AWS lets no resource be named
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
