/**
 * CodeBuild: a build really runs here, as a shell runs the commands of its buildspec, with this machine's programs in place of a build
 * image. S3 is reached by its API, with the credentials of the project's service role.
 * `buildspec.ts` reads what is to be done, `run.ts` carries it out in a `shell.ts`, `build.ts` is what has become of it.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Service } from "../../core/http";
import { INITIATOR_HEADER } from "../../core/initiator";
import { jsonRpcService } from "../../core/json-rpc";
import { violationsOf } from "../../core/local";
import type { Build } from "./build";
import { buildOperations } from "./builds";
import type { CodeBuildLocal, CodeBuildOptions } from "./context";
import { projectOperations } from "./projects";
import { BuildRun } from "./run";
import { Store } from "./store";

/**
 * CodeBuild (AWS JSON 1.1). Sources are CodePipeline's or none; batches, reports, webhooks, fleets and sandboxes answer
 * `NotImplemented`.
 */
export function codeBuild(local: CodeBuildLocal, options: CodeBuildOptions = {}): Service {
  const store = new Store(local.account);
  const running = new Map<Build, { readonly run: BuildRun; readonly ended: Promise<void> }>();
  const initiator = new AsyncLocalStorage<string | undefined>();
  const launch = (build: Build) => {
    const run = new BuildRun(local, options, build);
    running.set(build, { run, ended: run.run().finally(() => running.delete(build)) });
  };
  const operations = [
    ...projectOperations(store, local.clock, local.account),
    ...buildOperations({
      ...{ store, local, launch },
      initiator: () => initiator.getStore(),
      stop: (build) => running.get(build)?.run.stop("asked"),
    }),
  ];
  const rpc = jsonRpcService("CodeBuild", operations, { violations: violationsOf(local, "codebuild") });
  return {
    ...rpc,
    handle: (request) => initiator.run(request.headers[INITIATOR_HEADER], () => rpc.handle(request)),
    async close() {
      const all = [...running.values()];
      all.forEach(({ run }) => run.stop("closing"));
      await Promise.all(all.map(({ ended }) => ended));
    },
  };
}
