// The Lambda alias as a resource that CodeDeploy moves: first releases, shifts, and what to do when one fails or was interrupted.
// May import run/ and the AWS SDK; of @pulumi/pulumi nothing but types.
import { explaining, withoutUndefined, type Implementation } from "../run/implementation";
import { changed, isKnown, problems } from "../run/inputs";
import { Patience } from "../run/patience";
import { plan } from "./plan";
import { resultsOf, settledRelease } from "./record";
import { Rollout } from "./rollout";
import { ROLLOUT_DEFAULTS, rolloutSchema, type LambdaRolloutInputs, type LambdaRolloutOutputs } from "./rollout-inputs";

/** Another one of these is another alias. */
const REPLACES = ["region", "functionName", "aliasName"] as const;
/** These are what a rollout is about. */
const ROLLS_OUT = [
  "functionVersion",
  "release",
  "applicationName",
  "deploymentGroupName",
  "preTrafficHook",
  "postTrafficHook",
] as const;
/** These are kept in mind for the next rollout. */
const NOTED = [
  "description",
  "drainSeconds",
  "pollSeconds",
  "timeoutSeconds",
  "trafficShift",
  "alarmNames",
  "emergency",
  "probe",
  "minimumRequests",
  "bakeSeconds",
  "undecidedSeconds",
  "latencyTimesBlue",
  "hookTimeoutSeconds",
  "notificationTopicArn",
  "standbyReleases",
] as const;

/** With the inputs that the program, or an earlier version's state, leaves out. */
const complete = <Inputs extends object>(inputs: Inputs) => ({ ...ROLLOUT_DEFAULTS, ...withoutUndefined(inputs) });

/** Whether what is live is not what is wanted: the last rollout failed, was not brought to its end, or somebody has moved the alias. */
const isAstray = (olds: LambdaRolloutOutputs, news: LambdaRolloutInputs) =>
  olds.liveRelease !== news.release || settledRelease(olds) !== news.release;

const behaviour: Implementation<LambdaRolloutInputs, LambdaRolloutOutputs> = {
  async check(_olds, news) {
    const inputs = complete(news);
    return { inputs, failures: problems(rolloutSchema, inputs) };
  },

  async diff(_id, olds, news) {
    const replaces = changed(REPLACES, olds, news);
    const changes =
      changed([...REPLACES, ...ROLLS_OUT, ...NOTED], complete(olds), news).length > 0 || isAstray(olds, news);
    if (replaces.length === 0 && isKnown(news.release) && news.release !== olds.liveRelease) {
      const patience = new Patience(`${olds.functionName}:${olds.aliasName}`, ROLLOUT_DEFAULTS);
      plan(news, olds).forEach((line) => patience.tell(line));
    }
    return { changes, replaces };
  },

  async create(inputs) {
    const outs = await new Rollout(inputs, {}).run();
    return { id: `${inputs.functionName}:${inputs.aliasName}`, outs };
  },

  async read(id, props) {
    if (props === undefined) {
      return {};
    }
    const truth = await new Rollout(complete(props), props).truth();
    if (truth === undefined) {
      return {};
    }
    const { alias, live } = truth;
    const moved = live.release === props.liveRelease ? {} : { liveSince: "" };
    return {
      id,
      props: { ...props, aliasArn: alias.arn, liveRelease: live.release, liveVersion: live.version, ...moved },
    };
  },

  async update(_id, olds, news) {
    const rollout = new Rollout(news, resultsOf(olds));
    if (changed(["description"], olds, news).length > 0) {
      await rollout.describe(news.description ?? "");
    }
    if (changed(ROLLS_OUT, olds, news).length === 0 && !isAstray(olds, news)) {
      return { outs: withoutUndefined({ ...news, ...resultsOf(olds) }) };
    }
    return { outs: await rollout.run() };
  },

  async delete(_id, props) {
    await new Rollout(complete(props), resultsOf(props)).remove();
  },
};

/** Behaviour of `LambdaRollout`. */
export const lambdaRollout = explaining(behaviour);
