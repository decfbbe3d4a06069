import { HttpRequest } from "@smithy/core/protocols";
import type { Pluggable } from "@smithy/types";

/**
 * Header with which one service of the local AWS tells another on whose behalf it calls, if AWS shows that. CodePipeline starts a build as
 * `codepipeline/NAME`; EventBridge starts a pipeline with its rule's ARN.
 */
export const INITIATOR_HEADER = "x-local-initiator";

/** Makes a client or a command send the initiator: `client.middlewareStack.use(initiatedBy(…))`. */
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
