import {
  GitPullRequestEventType,
  type PipelineTriggerDeclaration,
  PipelineTriggerProviderType,
} from "@aws-sdk/client-codepipeline";
import { block, list, oneOf, set, text } from "../kinds";
import { type Arguments, optional, required } from "../properties";

/** Glob patterns of branches, tags or paths. */
const names = optional(block({ includes: optional(list(text)), excludes: optional(list(text)) }));

/** The argument `triggers`: what in a git repository starts a pipeline. */
export const gitTriggers = optional(
  list(
    block({
      providerType: required(oneOf(PipelineTriggerProviderType)),
      gitConfiguration: required(
        block({
          sourceActionName: required(text),
          pushes: optional(list(block({ branches: names, filePaths: names, tags: names }))),
          pullRequests: optional(
            list(block({ events: optional(set(oneOf(GitPullRequestEventType))), branches: names, filePaths: names })),
          ),
        }),
      ),
    }),
  ),
);

type Triggers = Arguments<{ readonly triggers: typeof gitTriggers }>["triggers"];

/** Arguments as CodePipeline's own declaration, which calls the lists by the singular. */
export function toTriggers(triggers: Triggers): PipelineTriggerDeclaration[] | undefined {
  return triggers?.map(({ providerType, gitConfiguration }) => ({
    providerType,
    gitConfiguration: {
      sourceActionName: gitConfiguration.sourceActionName,
      push: gitConfiguration.pushes,
      pullRequest: gitConfiguration.pullRequests,
    },
  }));
}

/** The way back. */
export function fromTriggers(triggers: readonly PipelineTriggerDeclaration[] | undefined) {
  return triggers?.map(({ providerType, gitConfiguration }) => ({
    providerType,
    gitConfiguration: gitConfiguration && {
      sourceActionName: gitConfiguration.sourceActionName,
      pushes: gitConfiguration.push,
      pullRequests: gitConfiguration.pullRequest,
    },
  }));
}
