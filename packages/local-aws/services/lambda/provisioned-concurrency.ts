import {
  DeleteProvisionedConcurrencyConfigCommand,
  GetProvisionedConcurrencyConfigCommand,
  PutProvisionedConcurrencyConfigCommand,
  type GetProvisionedConcurrencyConfigResponse,
} from "@aws-sdk/client-lambda";
import { AwsError } from "../../core/aws-error";
import type { Clock } from "../../core/clock";
import { operation, type Operation } from "../../core/operation";
import type { LambdaContext } from "./context";
import { invalid } from "./settings";
import { aliasesOf, LATEST, type FunctionStore, type LambdaFunction, type ProvisionedConcurrency } from "./store";

/** How long the environments take to be there, in AWS's time: some minutes. */
const ALLOCATION_MS = 120_000;

/**
 * Environments of an alias or a version that are kept ready. Processes here stay while an alias sends to their version, so all that is seen
 * of it is what AWS refuses, and how long the environments take to be there.
 * https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
 */
export function provisionedConcurrencyOperations({ local, store }: LambdaContext): readonly Operation[] {
  const { clock } = local;
  return [
    operation(PutProvisionedConcurrencyConfigCommand, (input) => {
      const { owner, qualifier } = place(store, input.FunctionName, input.Qualifier);
      check(store, owner, qualifier, input.ProvisionedConcurrentExecutions);
      const config = { executions: input.ProvisionedConcurrentExecutions, ...of(store, owner, qualifier, clock) };
      owner.provisioned.set(qualifier, config);
      return shown(config, clock);
    }),

    operation(GetProvisionedConcurrencyConfigCommand, (input) => {
      const { owner, qualifier } = place(store, input.FunctionName, input.Qualifier);
      const config = owner.provisioned.get(qualifier);
      if (config === undefined) {
        const message = "No Provisioned Concurrency Config found for this function";
        throw new AwsError("ProvisionedConcurrencyConfigNotFoundException", message, 404, { Type: "User" });
      }
      const current = versionOf(store, owner, qualifier);
      // An alias takes its environments along to another version, where they are made anew.
      const moved = current === config.version ? config : { ...config, ...of(store, owner, qualifier, clock) };
      owner.provisioned.set(qualifier, moved);
      return shown(moved, clock);
    }),

    // AWS does not mind a configuration that is not there.
    operation(DeleteProvisionedConcurrencyConfigCommand, (input) => {
      const { owner, qualifier } = place(store, input.FunctionName, input.Qualifier);
      owner.provisioned.delete(qualifier);
      return {};
    }),
  ];
}

function place(store: FunctionStore, name: string, qualifier: string) {
  const reference = store.reference(name, qualifier);
  return { owner: store.get(reference), qualifier: reference.qualifier ?? qualifier };
}

function versionOf(store: FunctionStore, owner: LambdaFunction, qualifier: string): string {
  const found = store.qualified(owner, qualifier);
  return found.kind === "alias" ? found.alias.version : found.version.version;
}

function of(store: FunctionStore, owner: LambdaFunction, qualifier: string, clock: Clock) {
  const now = clock.now();
  const readyAt = new Date(now.getTime() + clock.real(ALLOCATION_MS));
  return { version: versionOf(store, owner, qualifier), lastModified: now, readyAt };
}

/** @throws InvalidParameterValueException */
function check(store: FunctionStore, owner: LambdaFunction, qualifier: string, executions: number): void {
  const found = store.qualified(owner, qualifier);
  if (qualifier === LATEST) {
    throw invalid("Provisioned Concurrency Configs cannot be applied to unpublished function versions.");
  }
  if (found.kind === "alias" && found.alias.additional !== undefined) {
    throw invalid("Alias with weights can not be used with Provisioned Concurrency");
  }
  if (found.kind === "alias" && owner.provisioned.has(found.alias.version)) {
    throw invalid("Alias can not be used for Provisioned Concurrency configuration on an already Provisioned version");
  }
  if (found.kind === "version" && aliasesOf(owner, qualifier).some(({ name }) => owner.provisioned.has(name))) {
    throw invalid("Version is pointed by a Provisioned Concurrency alias");
  }
  const others = [...owner.provisioned].filter(([other]) => other !== qualifier);
  const all = others.reduce((sum, [, config]) => sum + config.executions, executions);
  if (owner.reservedConcurrency !== undefined && all > owner.reservedConcurrency) {
    throw invalid(
      "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function",
    );
  }
}

function shown({ executions, lastModified, readyAt }: ProvisionedConcurrency, clock: Clock) {
  const isReady = readyAt <= clock.now();
  return {
    RequestedProvisionedConcurrentExecutions: executions,
    AllocatedProvisionedConcurrentExecutions: isReady ? executions : 0,
    AvailableProvisionedConcurrentExecutions: isReady ? executions : 0,
    Status: isReady ? "READY" : "IN_PROGRESS",
    LastModified: lastModified.toISOString().replace("Z", "+0000"),
  } satisfies GetProvisionedConcurrencyConfigResponse;
}
