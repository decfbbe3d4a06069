import { monitoringNames } from "../../../lib/monitoring-names";
import { modelPrefix } from "../../../lib/release";
import type { Statement } from "../../service-role";
import type { Arns } from "../names";
import { allow } from "./allow";

/** What `pulumi up`, `refresh` and `destroy` do for `Dashboard` in production. A dashboard has no role, and reads with the eyes of its reader. */
export function deployDashboard({ model, arns }: { readonly model: string; readonly arns: Arns }): Statement[] {
  const { dashboard } = monitoringNames(modelPrefix(model));
  return [allow("cloudwatch", [arns.dashboard(dashboard)], ["PutDashboard", "GetDashboard", "DeleteDashboards"])];
}
