import { UpdateFunctionCodeCommand, UpdateFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import { operation, type Operation } from "../../core/operation";
import { configurationOf, SETTLING_MS, versionArn } from "./configuration";
import type { LambdaContext } from "./context";
import { zipOf } from "./functions";
import { checkRole } from "./role";
import { changedSettings } from "./settings";
import { checkRevision, checkSettled, newRevision, type FunctionVersion, type LambdaFunction } from "./store";
import { publish } from "./versions";

/** Changes of `$LATEST`. */
export function updateOperations(context: LambdaContext): readonly Operation[] {
  const { local, store, code, layers } = context;
  const { account, clock } = local;

  /** @throws ResourceConflictException while the function is being created or another change is in progress */
  const changeable = (name: string, revisionId: string | undefined): LambdaFunction => {
    const owner = store.get(store.reference(name));
    checkSettled(owner, clock.now());
    checkRevision(revisionId, owner.latest.revisionId, "GetFunction");
    return owner;
  };

  const change = (owner: LambdaFunction, to: Partial<FunctionVersion>): FunctionVersion => {
    const now = clock.now();
    return {
      ...owner.latest,
      ...to,
      revisionId: newRevision(),
      lastModified: now,
      readyAt: new Date(now.getTime() + clock.real(SETTLING_MS)),
      // Only one step back is ever asked for: what answers until this change is done.
      updateOf: { ...owner.latest, updateOf: undefined },
    };
  };

  return [
    operation(UpdateFunctionCodeCommand, (input) => {
      const owner = changeable(input.FunctionName, input.RevisionId);
      const latest = change(owner, {
        code: code.unpack(zipOf(input)),
        settings: {
          ...owner.latest.settings,
          architectures: input.Architectures ?? owner.latest.settings.architectures,
        },
      });
      if (input.DryRun === true) {
        return configurationOf(latest, owner.arn, clock.now());
      }
      owner.latest = latest;
      const version = input.Publish === true ? publish(context, owner) : latest;
      return configurationOf(version, versionArn(account, version), clock.now());
    }),

    operation(UpdateFunctionConfigurationCommand, async (input) => {
      layers.check(input.Layers ?? []);
      const { latest } = store.get(store.reference(input.FunctionName));
      if (input.Role !== undefined || input.VpcConfig !== undefined) {
        await checkRole(local, changedSettings(latest.settings, input));
      }
      const owner = changeable(input.FunctionName, input.RevisionId);
      owner.latest = change(owner, { settings: changedSettings(owner.latest.settings, input) });
      return configurationOf(owner.latest, owner.arn, clock.now());
    }),
  ];
}
