/**
 * AWS Lambda: versions, weighted aliases, and functions that really run, each version in Node processes of its own. Operations are
 * in `functions.ts`, `updates.ts`, `versions.ts`, `aliases.ts` and so on; a call goes `invoke.ts` → `calls.ts` → `pool.ts` →
 * `worker.ts`, and over the Runtime API into `runtime/`, which is the program of a function's process.
 */
import { join } from "node:path";
import type { Service } from "../../core/http";
import { type FunctionInvoker, type Local, violationsOf } from "../../core/local";
import { restJsonService } from "../../core/rest-json";
import { aliasOperations } from "./aliases";
import { AsyncEvents } from "./async-events";
import { FunctionCalls } from "./calls";
import { CodeFolders } from "./code";
import { concurrencyOperations } from "./concurrency";
import type { LambdaContext } from "./context";
import { functionOperations } from "./functions";
import { invokeOperation } from "./invoke";
import { permissionOperations } from "./permissions";
import { Pools } from "./pool";
import { provisionedConcurrencyOperations } from "./provisioned-concurrency";
import { LayerStore } from "./layer-store";
import { layerOperations } from "./layers";
import { FunctionStore, isAliased } from "./store";
import { tagOperations } from "./tags";
import { updateOperations } from "./updates";
import { versionOperations } from "./versions";

/** Lambda as clients see it, and as the other services of the local AWS call it. */
export interface Lambda {
  readonly service: Service;
  readonly invoker: FunctionInvoker;
  /** Ids of the processes that functions run in now, for whoever measures them. */
  processIds(): readonly number[];
}

/** Lambda of one run; it writes below the run's scratch folder only. */
export function lambda(local: Local): Lambda {
  const folder = join(local.scratchDir, "lambda");
  const store = new FunctionStore(local.account);
  const layers = new LayerStore(local.account);
  const pools = new Pools(local, folder, layers, (version) =>
    store.list().some((owner) => owner.name === version.functionName && isAliased(owner, version.version)),
  );
  const calls = new FunctionCalls(local, store, pools);
  const events = new AsyncEvents(local.clock, calls);
  const context: LambdaContext = {
    local,
    store,
    code: new CodeFolders(join(folder, "code")),
    layers,
    pools,
    calls,
    events,
  };
  const operations = [
    ...functionOperations(context),
    ...updateOperations(context),
    ...versionOperations(context),
    ...aliasOperations(context),
    ...permissionOperations(context),
    ...concurrencyOperations(context),
    ...provisionedConcurrencyOperations(context),
    ...tagOperations(context),
    ...layerOperations(context),
    invokeOperation(context),
  ];
  const service = restJsonService("Lambda", operations, {
    async close() {
      events.close();
      await pools.close();
    },
    violations: violationsOf(local, "lambda"),
  });
  return { service, invoker: calls, processIds: () => pools.pids() };
}
