/**
 * CloudWatch Synthetics: canaries whose scripts run in Lambda functions of the account, on their schedules. What needs a browser is not there.
 * Operations are in `canaries.ts` and `schedule.ts`; `engine.ts` has the functions, `run.ts` one run.
 */
import { Background } from "../../core/background";
import type { Service } from "../../core/http";
import { type Local, violationsOf } from "../../core/local";
import { operationsOf } from "../../core/modelled-operation";
import { restJsonService } from "../../core/rest-json";
import type { ServiceModels } from "../../core/service-models";
import { canaryOperations, type SyntheticsContext } from "./canaries";
import { Engines } from "./engine";
import { runtimeOperations } from "./runtimes";
import { runOperations } from "./schedule";
import { CanaryStore } from "./store";
import { tagOperations } from "./tags";

const NAME = "Synthetics";

/** Most runs need no canary, and AWS's model takes a tenth of a second to read, so the first request makes the service. */
export function synthetics(local: Local, models: ServiceModels): Service {
  let made: Service | undefined;
  return {
    name: NAME,
    handle: (request) => (made ??= serviceOf(local, models)).handle(request),
    close: async () => made?.close?.(),
  };
}

function serviceOf(local: Local, models: ServiceModels): Service {
  const context: SyntheticsContext = {
    local,
    operation: operationsOf(models("synthetics")),
    store: new CanaryStore(local.account),
    engines: new Engines(local),
    background: new Background(),
  };
  const operations = [
    ...canaryOperations(context),
    ...runOperations(context),
    ...runtimeOperations(context.operation),
    ...tagOperations(context),
  ];
  return restJsonService(NAME, operations, {
    async close() {
      context.store.list().forEach(({ cancel }) => cancel?.());
      context.engines.close();
    },
    violations: violationsOf(local, "synthetics"),
  });
}
