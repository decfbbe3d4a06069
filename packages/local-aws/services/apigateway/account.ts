import { GetAccountCommand, UpdateAccountCommand, type Account } from "@aws-sdk/client-api-gateway";
import { operation, type Operation } from "../../core/operation";
import { patch } from "./patch";
import type { ApiStore } from "./store";

/** What holds for all APIs of an account: the role that writes their logs. */
export function accountOperations(store: ApiStore): readonly Operation[] {
  const shown = (): Account => ({
    cloudwatchRoleArn: store.cloudwatchRoleArn,
    throttleSettings: { burstLimit: 5000, rateLimit: 10_000 },
    features: ["UsagePlans"],
    apiKeyVersion: "4",
  });
  return [
    operation(GetAccountCommand, () => shown()),
    operation(UpdateAccountCommand, (input) => {
      patch(input.patchOperations, [
        { path: /^\/cloudwatchRoleArn$/, apply: (value) => (store.cloudwatchRoleArn = value || undefined) },
      ]);
      return shown();
    }),
  ];
}
