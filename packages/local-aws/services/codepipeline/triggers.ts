import type {
  ActionDeclaration,
  ExecutionTrigger,
  GitBranchFilterCriteria,
  GitConfiguration,
  GitPullRequestEventType,
} from "@aws-sdk/client-codepipeline";
import type { Clock } from "../../core/clock";
import { messageOf } from "../../core/failure";
import { globPattern } from "../../core/glob";
import type { Engine } from "./engine";
import { resolvedVariables } from "./execution-order";
import type { GitRepository } from "./git";
import { declarationOf, type Pipeline } from "./store";

/** How often the repository is looked at. AWS's time. */
const LOOK_EVERY_MS = 60_000;

/** A branch or a pull request whose head has moved. */
interface Change {
  /** Name of the branch; of a pull request, such as `pull/1/head`. */
  readonly branch: string;
  readonly commitId: string;
  /** What became of a pull request; `undefined` for a push. */
  readonly pullRequest: GitPullRequestEventType | undefined;
  /** `undefined` if there is nothing to compare with. */
  readonly changedFiles: readonly string[] | undefined;
}

/**
 * Starts pipelines when the repository's branches move, and pull requests: refs such as `refs/pull/1/head`, which stand for a pull
 * request to the branch that the source action names.
 */
export class GitTriggers {
  /** The heads as each pipeline has last seen them; `undefined` for one that does not look. */
  private readonly seen = new Map<Pipeline, ReadonlyMap<string, string> | undefined>();

  constructor(
    private readonly git: GitRepository,
    private readonly engine: Engine,
  ) {}

  /** Watches for a pipeline. What the repository holds now starts nothing. */
  async watch(pipeline: Pipeline): Promise<void> {
    this.seen.set(pipeline, looks(pipeline) ? await this.heads() : undefined);
  }

  forget(pipeline: Pipeline): void {
    this.seen.delete(pipeline);
  }

  /** Looks each minute. Returns how to end it. */
  start(clock: Clock): () => void {
    return clock.every(LOOK_EVERY_MS, () => this.look());
  }

  private async look(): Promise<void> {
    const looking = [...this.seen.keys()].filter(looks);
    if (looking.length === 0) {
      return;
    }
    const now = await this.heads();
    for (const pipeline of looking) {
      const before = this.seen.get(pipeline);
      this.seen.set(pipeline, now);
      for (const change of before === undefined ? [] : await this.changes(before, now)) {
        this.tryStart(pipeline, change);
      }
    }
  }

  /** A repository that cannot be read, because somebody works on it, is looked at again. */
  private async heads(): Promise<ReadonlyMap<string, string>> {
    try {
      return await this.git.heads();
    } catch (error) {
      console.error("local AWS: the git repository cannot be read:", messageOf(error));
      return [...this.seen.values()].find((heads) => heads !== undefined) ?? new Map<string, string>();
    }
  }

  private async changes(
    before: ReadonlyMap<string, string>,
    now: ReadonlyMap<string, string>,
  ): Promise<readonly Change[]> {
    const found: Change[] = [];
    for (const ref of new Set([...before.keys(), ...now.keys()])) {
      const [old, commitId] = [before.get(ref), now.get(ref)];
      const isPullRequest = ref.startsWith("refs/pull/");
      if (old === commitId || (commitId === undefined && !isPullRequest)) {
        continue;
      }
      const event = old === undefined ? "OPEN" : commitId === undefined ? "CLOSED" : "UPDATED";
      found.push({
        branch: ref.replace(/^refs\/(heads\/)?/, ""),
        commitId: commitId ?? old ?? "",
        pullRequest: isPullRequest ? event : undefined,
        changedFiles:
          old === undefined || commitId === undefined
            ? undefined
            : await this.git.changedFiles(old, commitId).catch(() => undefined),
      });
    }
    return found;
  }

  private tryStart(pipeline: Pipeline, change: Change): void {
    const { stages = [], triggers = [] } = declarationOf(pipeline);
    const configurations = triggers.flatMap(({ gitConfiguration }) => gitConfiguration ?? []);
    const sources = (stages[0]?.actions ?? []).flatMap((action) => {
      const own = configurations.find(({ sourceActionName }) => sourceActionName === action.name);
      const isWatched = own !== undefined || detects(action);
      return isWatched && matches(action, own, change) ? [{ action, isFiltered: own !== undefined }] : [];
    });
    const [first] = sources;
    if (first === undefined) {
      return;
    }
    const names = sources.map(({ action }) => action.name ?? "");
    try {
      this.engine.start(pipeline, {
        trigger: triggerOf(first.action, first.isFiltered),
        variables: resolvedVariables(pipeline, []),
        sourceRevisions: names.map((actionName) => ({
          ...{ actionName, revisionType: "COMMIT_ID", revisionValue: change.commitId },
        })),
        branches: Object.fromEntries(names.map((name) => [name, change.branch])),
      });
    } catch (error) {
      console.error(
        `local AWS: a change of ${change.branch} could not start pipeline ${pipeline.name}: ${messageOf(error)}`,
      );
    }
  }
}

/** Whether changes of the repository may start a pipeline: by a trigger, or because a source looks for them by itself. */
function looks(pipeline: Pipeline): boolean {
  const { triggers = [], stages = [] } = declarationOf(pipeline);
  return triggers.length > 0 || (stages[0]?.actions ?? []).some(detects);
}

/** Whether a source action looks for changes by itself. */
function detects({ actionTypeId, configuration = {} }: ActionDeclaration): boolean {
  const isGit = actionTypeId?.provider === "CodeStarSourceConnection" || actionTypeId?.provider === "CodeCommit";
  const asked = configuration.DetectChanges ?? configuration.PollForSourceChanges ?? "true";
  return isGit && asked.toLowerCase() !== "false";
}

function matches(action: ActionDeclaration, own: GitConfiguration | undefined, change: Change): boolean {
  const ownBranch = action.configuration?.BranchName ?? "";
  if (own === undefined) {
    return change.pullRequest === undefined && change.branch === ownBranch;
  }
  const { pullRequest } = change;
  if (pullRequest === undefined) {
    return (own.push ?? []).some(
      ({ branches, filePaths }) => passes(branches, [change.branch]) && passes(filePaths, change.changedFiles),
    );
  }
  return (own.pullRequest ?? []).some(
    ({ events = ["OPEN", "UPDATED", "CLOSED"], branches, filePaths }) =>
      events.includes(pullRequest) && passes(branches, [ownBranch]) && passes(filePaths, change.changedFiles),
  );
}

/** Whether a filter lets one of the names through. What is excluded is not let through by what is included. */
function passes(filter: GitBranchFilterCriteria | undefined, names: readonly string[] | undefined): boolean {
  const includes = (filter?.includes ?? ["**"]).map(globPattern);
  const excludes = (filter?.excludes ?? []).map(globPattern);
  return (
    names === undefined ||
    filter === undefined ||
    names.some((name) => includes.some((one) => one.test(name)) && !excludes.some((one) => one.test(name)))
  );
}

function triggerOf(
  { name, actionTypeId, configuration = {} }: ActionDeclaration,
  isFiltered: boolean,
): ExecutionTrigger {
  return actionTypeId?.provider === "CodeCommit"
    ? { triggerType: "PollForSourceChanges", triggerDetail: name }
    : { triggerType: isFiltered ? "WebhookV2" : "Webhook", triggerDetail: configuration.ConnectionArn };
}
