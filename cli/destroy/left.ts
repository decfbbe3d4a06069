import type { AwsSettings } from "../support/context";
import { logGroups, takeInventory, type Inventory } from "./inventory";

/** Log groups that services make for what a model has, and that nobody takes away. */
const LOGS = ["/aws/sagemaker/Endpoints", "/aws/apigateway", "/aws/codebuild"];

/** CodeDeploy's own policy asks that the names of a rollout's hooks begin so. */
const HOOK = /^CodeDeployHook_/;

/** What there is by a model's names, by kind. @param prefix beginning of the names, such as `mlops-nyctaxi` */
export async function leftOf(aws: AwsSettings, prefix: string): Promise<Inventory> {
  const [inventory, ...logs] = await Promise.all([
    takeInventory(aws),
    ...LOGS.map((service) => logGroups(aws, `${service}/${prefix}`)),
  ]);
  const all: Inventory = {
    ...inventory,
    "log group": [...(inventory["log group"] ?? []), ...logs.flat().flatMap((name) => name ?? [])],
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([kind, names]) => {
      const own = names.filter((name) =>
        name
          .split("/")
          .map((part) => part.replace(HOOK, ""))
          .some((part) => part === prefix || part.startsWith(`${prefix}-`)),
      );
      return own.length === 0 ? [] : [[kind, own]];
    }),
  );
}
