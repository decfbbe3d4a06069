/**
 * CodePipeline: executes a pipeline's definition stage by stage, with artifacts in S3, and starts it when the git repository changes.
 * CodeBuild, S3, SNS and STS are reached as CodePipeline reaches them, by their APIs and under the
 * actions' roles. `definition.ts` says what a pipeline may be, `engine.ts` carries executions out past the `gates.ts` of its stages,
 * `action-runner.ts` runs actions by their `providers/`, `execution.ts` is what has become of it all.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { ExecutionTrigger } from "@aws-sdk/client-codepipeline";
import type { Service } from "../../core/http";
import { INITIATOR_HEADER } from "../../core/initiator";
import { jsonRpcService } from "../../core/json-rpc";
import { violationsOf } from "../../core/local";
import type { PipelineLocal } from "./context";
import { Engine } from "./engine";
import { executionOperations } from "./executions";
import { GitRepository } from "./git";
import { pipelineOperations } from "./pipelines";
import { Approvals } from "./providers/approval";
import { stateOperations } from "./state";
import { Store } from "./store";
import { GitTriggers } from "./triggers";

/**
 * CodePipeline (AWS JSON 1.1), pipelines of type V2. Custom actions, webhooks of one's own, rules and conditions, and the rollback of a
 * stage answer `NotImplemented`.
 */
export function codePipeline(local: PipelineLocal): Service {
  const { clock, account, repository, sessions } = local;
  const caller = `arn:aws:iam::${account.accountId}:root`;
  const store = new Store(account);
  const approvals = new Approvals();
  const engine = new Engine(local, approvals);
  const triggers = repository === undefined ? undefined : new GitTriggers(new GitRepository(repository), engine);
  const initiator = new AsyncLocalStorage<string | undefined>();
  const trigger = (): ExecutionTrigger => {
    // Only EventBridge tells who it is: its rule.
    const rule = initiator.getStore();
    return rule === undefined
      ? { triggerType: "StartPipelineExecution", triggerDetail: caller }
      : { triggerType: "CloudWatchEvent", triggerDetail: rule };
  };
  const operations = [
    ...pipelineOperations({ store, clock, engine, triggers, sessions, caller }),
    ...executionOperations({ store, clock, engine, approvals, caller, trigger }),
    ...stateOperations(store, clock, caller),
  ];
  const rpc = jsonRpcService("CodePipeline", operations, { violations: violationsOf(local, "codepipeline") });
  const stopLooking = triggers?.start(clock);
  return {
    ...rpc,
    handle: (request) => initiator.run(request.headers[INITIATOR_HEADER], () => rpc.handle(request)),
    async close() {
      stopLooking?.();
      engine.close();
    },
  };
}
