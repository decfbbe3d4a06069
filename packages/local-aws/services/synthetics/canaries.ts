import { messageOf } from "../../core/failure";
import type { Background } from "../../core/background";
import type { Local } from "../../core/local";
import type { Declare } from "../../core/modelled-operation";
import type { Operation } from "../../core/operation";
import { ShutDown } from "../../core/waiting";
import type { Engines } from "./engine";
import { page } from "./errors";
import { changedSettings, newSettings } from "./settings";
import type { CanaryInput, CreateCanaryInput, Named, PageInput } from "./shapes";
import { checkState, type Canary, type CanaryStore } from "./store";

/** What Synthetics' operations work on. */
export interface SyntheticsContext {
  readonly local: Local;
  readonly operation: Declare;
  readonly store: CanaryStore;
  readonly engines: Engines;
  readonly background: Background;
}

/** Creating, changing, showing and deleting canaries. */
export function canaryOperations(context: SyntheticsContext): readonly Operation[] {
  const { local, operation, store } = context;
  return [
    operation<CreateCanaryInput>("CreateCanary", (input) => {
      const canary = store.add(input.Name, newSettings(input), input.Tags ?? {}, local.clock.now());
      context.background.begin(`creating canary ${canary.name}`, () => create(context, canary, input));
      return { Canary: shown(canary) };
    }),

    operation<Named & CanaryInput>("UpdateCanary", (input) => {
      const canary = store.get(input.Name);
      checkState(canary, ["READY", "STOPPED"], "UpdateCanary");
      const settings = changedSettings(canary.settings, input);
      context.background.begin(`updating canary ${canary.name}`, () => update(context, canary, settings, input));
      return {};
    }),

    operation<Named & { readonly DeleteLambda?: boolean }>("DeleteCanary", (input) => {
      const canary = store.get(input.Name);
      checkState(canary, ["READY", "STOPPED", "ERROR"], "DeleteCanary");
      canary.state = "DELETING";
      const everything = canary.settings.cleanup === "AUTOMATIC" || input.DeleteLambda === true;
      context.background.begin(`deleting canary ${canary.name}`, async () => {
        if (everything && canary.engine !== undefined) {
          await context.engines.delete(canary.engineName);
        }
        store.remove(canary);
      });
      return {};
    }),

    operation<Named>("GetCanary", (input) => ({ Canary: shown(store.get(input.Name)) })),

    operation<PageInput & { readonly Names?: readonly string[] }>("DescribeCanaries", (input) => {
      const { items, nextToken } = page(store.list(input.Names), input.NextToken, input.MaxResults);
      return { Canaries: items.map(shown), NextToken: nextToken };
    }),
  ];
}

async function create({ local, engines }: SyntheticsContext, canary: Canary, input: CreateCanaryInput): Promise<void> {
  try {
    canary.engine = await engines.create(canary, input.Code);
    canary.state = "READY";
    canary.reason = undefined;
  } catch (error) {
    failed(error, () => {
      canary.state = "ERROR";
      canary.reason = { text: messageOf(error), code: "CREATE_FAILED" };
    });
  }
  canary.modifiedAt = local.clock.now();
}

async function update(
  { local, engines }: SyntheticsContext,
  canary: Canary,
  settings: Canary["settings"],
  input: CanaryInput,
): Promise<void> {
  const { state, settings: before } = canary;
  canary.state = "UPDATING";
  canary.settings = settings;
  try {
    canary.engine = await engines.update(canary, input.Code);
    canary.reason = { text: "", code: "UPDATE_COMPLETE" };
  } catch (error) {
    failed(error, () => {
      canary.settings = before;
      canary.reason = { text: messageOf(error), code: "ROLLBACK_COMPLETE" };
    });
  }
  canary.state = state;
  canary.modifiedAt = local.clock.now();
}

/** What Lambda and S3 refuse becomes the canary's state. */
function failed(error: unknown, note: () => void): void {
  if (error instanceof ShutDown) {
    throw error;
  }
  note();
}

function shown(canary: Canary) {
  const { name, id, settings, engine, state, reason, tags } = canary;
  const { createdAt, modifiedAt, startedAt, stoppedAt } = canary;
  return {
    Id: id,
    Name: name,
    Code: { SourceLocationArn: engine?.layerVersionArn, Handler: settings.handler },
    ExecutionRoleArn: settings.roleArn,
    Schedule: { Expression: settings.expression, DurationInSeconds: 0 },
    RunConfig: {
      TimeoutInSeconds: settings.timeoutSeconds,
      MemoryInMB: settings.memorySizeInMB,
      ActiveTracing: false,
    },
    SuccessRetentionPeriodInDays: settings.successRetentionDays,
    FailureRetentionPeriodInDays: settings.failureRetentionDays,
    Status: { State: state, StateReason: reason?.text ?? "", StateReasonCode: reason?.code },
    Timeline: { Created: createdAt, LastModified: modifiedAt, LastStarted: startedAt, LastStopped: stoppedAt },
    // AWS answers it without the scheme.
    ArtifactS3Location: settings.artifacts.replace(/^s3:\/\//, ""),
    // Runtimes since syn-nodejs-puppeteer-11.0 have no EngineArn.
    EngineConfigs: engine === undefined ? [] : [{ EngineArn: engineArn(canary.arn, engine), BrowserType: "CHROME" }],
    RuntimeVersion: settings.runtime,
    ProvisionedResourceCleanup: settings.cleanup,
    Tags: tags.record(),
  };
}

function engineArn(canaryArn: string, { functionName, version }: NonNullable<Canary["engine"]>): string {
  return `${canaryArn.replace(":synthetics:", ":lambda:").replace(/:canary:.*$/, "")}:function:${functionName}:${version}`;
}
