import { HttpRequest } from "@smithy/core/protocols";
import type { Pluggable } from "@smithy/types";

/**
 * Header by which one service of the local AWS tells another in whose name it calls, where AWS shows that: CodePipeline starts a build
 * as `codepipeline/NAME`, EventBridge starts a pipeline as its rule's ARN.
 */
export const INITIATOR_HEADER = "x-local-initiator";

/** Makes a client or a command tell the initiator: `client.middlewareStack.use(initiatedBy(…))`. */
export function initiatedBy<I extends object, O extends object>(initiator: string): Pluggable<I, O> {
  return {
    applyToStack(stack) {
      stack.add(
        (next) => async (args) => {
          if (HttpRequest.isInstance(args.request)) {
            args.request.headers[INITIATOR_HEADER] = initiator;
          }
          return next(args);
        },
        { step: "build", name: "initiator" },
      );
    },
  };
}
