import { type Aws, PROPAGATION, type Patience } from "../aws";
import { unlessGone } from "../failures";
import { block, boolean, map, number, text, textMeaning } from "../kinds";
import { type Arguments, optional, required, withDefault } from "../properties";
import { resource } from "../resource";
import { blockOf, restCall } from "../rest";
import { tagMap, tagsArgument } from "../tags";
import { type Values, isList, textOf, toValues } from "../values";

const GONE = ["ResourceNotFoundException"];
const RETENTION_DAYS = 31;

const canaryArguments = {
  name: required(text, { replaces: true }),
  // AWS answers it without the scheme.
  artifactS3Location: required(textMeaning((uri) => uri.replace(/^s3:\/\//, ""))),
  executionRoleArn: required(text),
  handler: required(text),
  runtimeVersion: required(text),
  // AWS does not tell where a script came from.
  s3Bucket: required(text, { unread: true }),
  s3Key: required(text, { unread: true }),
  schedule: required(block({ expression: required(text), durationInSeconds: optional(number, { computed: true }) })),
  runConfig: optional(
    block({
      timeoutInSeconds: optional(number, { computed: true }),
      memoryInMb: optional(number, { computed: true }),
      activeTracing: withDefault(boolean, false),
      environmentVariables: optional(map(text), { unread: true }),
    }),
    { computed: true },
  ),
  successRetentionPeriod: withDefault(number, RETENTION_DAYS),
  failureRetentionPeriod: withDefault(number, RETENTION_DAYS),
  startCanary: withDefault(boolean, false, { unread: true }),
  deleteLambda: withDefault(boolean, false, { unread: true }),
  tags: tagsArgument,
};

type CanaryArguments = Arguments<typeof canaryArguments>;

/** Arguments that AWS is not told by a change of the canary. */
const NOT_UPDATED = ["startCanary", "deleteLambda", "tags"];

const call = (aws: Aws, method: string, path: string, body?: object) =>
  restCall(aws, "synthetics", { method, path, ...(body === undefined ? {} : { body: toValues(body) }) });

const canary = resource({
  type: "aws:synthetics/canary:Canary",
  inputs: canaryArguments,
  outputs: ["arn", "engineArn", "sourceLocationArn", "status", "timelines"],
  identity: ["name"],
  tagging: {
    put: ({ aws, arn }, tags) => call(aws, "POST", `/tags/${encodeURIComponent(arn)}`, { Tags: tagMap(tags) }),
    remove({ aws, arn }, keys) {
      const query = keys.map((key) => `tagKeys=${encodeURIComponent(key)}`).join("&");
      return call(aws, "DELETE", `/tags/${encodeURIComponent(arn)}?${query}`);
    },
  },
  async create({ aws, inputs, tags }) {
    await call(aws, "POST", "/canary", { Name: inputs.name, ...configuration(inputs), Tags: tagMap(tags) });
    return inputs.name;
  },
  // A role that was made a moment ago is not known everywhere yet. AWS then makes the canary and says so in its state.
  async settle({ aws, id, inputs, tags, patience }) {
    await aws.retried(roleIsNew, PROPAGATION, async () => {
      if ((await canaryOf(aws, id)) === undefined) {
        await call(aws, "POST", "/canary", { Name: id, ...configuration(inputs), Tags: tagMap(tags) });
      }
      try {
        await reached(aws, id, ["READY"], patience);
      } catch (error) {
        if (roleIsNew(error)) {
          await remove(aws, id, patience, true);
        }
        throw error;
      }
    });
    if (inputs.startCanary) {
      await start(aws, id, patience);
    }
  },
  async read({ aws, id }) {
    const live = await canaryOf(aws, id);
    return live && liveCanary(aws, id, live);
  },
  async update({ aws, id, inputs, changed, patience }) {
    const before = stateOf((await canaryOf(aws, id)) ?? {});
    const isChanged = [...changed].some((key) => !NOT_UPDATED.includes(key));
    if (before === "RUNNING" && (isChanged || !inputs.startCanary)) {
      await stop(aws, id, patience);
    }
    if (isChanged) {
      await call(aws, "PATCH", `/canary/${id}`, configuration(inputs));
      await reached(aws, id, ["READY", "STOPPED"], patience);
    }
    if (inputs.startCanary && (isChanged || before !== "RUNNING")) {
      await start(aws, id, patience);
    }
  },
  async delete({ aws, id, inputs, patience }) {
    await unlessGone(GONE, async () => {
      if (stateOf((await canaryOf(aws, id)) ?? {}) === "RUNNING") {
        await stop(aws, id, patience);
      }
      await remove(aws, id, patience, inputs.deleteLambda);
    });
  },
});

function configuration(inputs: CanaryArguments) {
  const { runConfig, schedule } = inputs;
  return {
    ArtifactS3Location: inputs.artifactS3Location,
    ExecutionRoleArn: inputs.executionRoleArn,
    RuntimeVersion: inputs.runtimeVersion,
    Code: { Handler: inputs.handler, S3Bucket: inputs.s3Bucket, S3Key: inputs.s3Key },
    Schedule: { Expression: schedule.expression, DurationInSeconds: schedule.durationInSeconds ?? 0 },
    RunConfig: runConfig && {
      TimeoutInSeconds: runConfig.timeoutInSeconds,
      MemoryInMB: runConfig.memoryInMb,
      ActiveTracing: runConfig.activeTracing,
      EnvironmentVariables: runConfig.environmentVariables,
    },
    SuccessRetentionPeriodInDays: inputs.successRetentionPeriod,
    FailureRetentionPeriodInDays: inputs.failureRetentionPeriod,
  };
}

async function canaryOf(aws: Aws, id: string): Promise<Values | undefined> {
  const found = await unlessGone(GONE, () => call(aws, "GET", `/canary/${id}`));
  return found && blockOf(found.Canary);
}

const stateOf = (live: Values) => textOf(blockOf(live.Status).State);

/** Waits for one of these states. */
function reached(aws: Aws, id: string, states: readonly string[], patience: Patience): Promise<true> {
  return aws.until(`canary ${id} to be ${states.join(" or ")}`, patience, async () => {
    const live = (await canaryOf(aws, id)) ?? {};
    const state = stateOf(live);
    if (state === "ERROR") {
      throw new Error(`canary ${id} failed: ${textOf(blockOf(live.Status).StateReason)}`);
    }
    return states.includes(state) ? true : undefined;
  });
}

const roleIsNew = (error: unknown) =>
  error instanceof Error && error.message.includes("The role defined for the function cannot be assumed by Lambda");

async function start(aws: Aws, id: string, patience: Patience): Promise<void> {
  await call(aws, "POST", `/canary/${id}/start`);
  await reached(aws, id, ["RUNNING"], patience);
}

async function stop(aws: Aws, id: string, patience: Patience): Promise<void> {
  await call(aws, "POST", `/canary/${id}/stop`);
  await reached(aws, id, ["STOPPED"], patience);
}

async function remove(aws: Aws, id: string, patience: Patience, deleteLambda: boolean): Promise<void> {
  await call(aws, "DELETE", `/canary/${id}?deleteLambda=${deleteLambda}`);
  await aws.until(`canary ${id} to be deleted`, patience, async () =>
    (await canaryOf(aws, id)) === undefined ? true : undefined,
  );
}

async function liveCanary(aws: Aws, id: string, live: Values) {
  const [code, schedule, runConfig] = [blockOf(live.Code), blockOf(live.Schedule), blockOf(live.RunConfig)];
  const engines = isList(live.EngineConfigs) ? live.EngineConfigs.map(blockOf) : [];
  return {
    inputs: {
      name: live.Name,
      artifactS3Location: live.ArtifactS3Location,
      executionRoleArn: live.ExecutionRoleArn,
      handler: code.Handler,
      runtimeVersion: live.RuntimeVersion,
      schedule: { expression: schedule.Expression, durationInSeconds: schedule.DurationInSeconds },
      runConfig: {
        timeoutInSeconds: runConfig.TimeoutInSeconds,
        memoryInMb: runConfig.MemoryInMB,
        activeTracing: runConfig.ActiveTracing,
      },
      successRetentionPeriod: live.SuccessRetentionPeriodInDays,
      failureRetentionPeriod: live.FailureRetentionPeriodInDays,
    },
    outputs: {
      arn: await aws.arn("synthetics", `canary:${id}`),
      engineArn: engines[0]?.EngineArn,
      sourceLocationArn: code.SourceLocationArn,
      status: stateOf(live),
      timelines: [timelineOf(blockOf(live.Timeline))],
    },
    tags: tagsIn(blockOf(live.Tags)),
  };
}

/** Members that are seconds since 1970. */
function timelineOf(timeline: Values) {
  const at = (seconds: Values[string] | undefined) =>
    typeof seconds === "number" ? new Date(seconds * 1000) : undefined;
  return {
    created: at(timeline.Created),
    lastModified: at(timeline.LastModified),
    lastStarted: at(timeline.LastStarted),
    lastStopped: at(timeline.LastStopped),
  };
}

const tagsIn = (tags: Values) => Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, textOf(value)]));

export const resources = [canary];
