import {
  DeleteFunctionConcurrencyCommand,
  GetFunctionConcurrencyCommand,
  PutFunctionConcurrencyCommand,
} from "@aws-sdk/client-lambda";
import { operation, type Operation } from "../../core/operation";
import type { LambdaContext } from "./context";

/** Reserved concurrency: how many calls of a function may run at once before further ones are throttled. */
export function concurrencyOperations({ store }: LambdaContext): readonly Operation[] {
  const owner = (name: string) => store.get(store.reference(name));
  return [
    operation(PutFunctionConcurrencyCommand, (input) => {
      owner(input.FunctionName).reservedConcurrency = input.ReservedConcurrentExecutions;
      return { ReservedConcurrentExecutions: input.ReservedConcurrentExecutions };
    }),
    operation(GetFunctionConcurrencyCommand, (input) => ({
      ReservedConcurrentExecutions: owner(input.FunctionName).reservedConcurrency,
    })),
    operation(DeleteFunctionConcurrencyCommand, (input) => {
      owner(input.FunctionName).reservedConcurrency = undefined;
      return {};
    }),
  ];
}
