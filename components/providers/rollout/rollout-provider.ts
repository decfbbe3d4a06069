import { explaining, withoutUndefined, type Provider } from "../support/provider";
import { changed, isKnown, problems } from "../support/inputs";
import { Waiter } from "../support/waiter";
import { Attempt, resultsOf, settledRelease } from "./attempt";
import { ROLLOUT_DEFAULTS, rolloutSchema, type LambdaRolloutInputs, type LambdaRolloutOutputs } from "./inputs";
import { forecast, truth } from "./report";
import { Rollout } from "./rollout";
import { stopDeployment } from "./shift";

/** A change of one of these means another alias. */
const REPLACES = ["region", "functionName", "aliasName"] as const;
/** A change of one of these starts a rollout. */
const ROLLS_OUT = [
  "functionVersion",
  "release",
  "applicationName",
  "deploymentGroupName",
  "preTrafficHook",
  "postTrafficHook",
] as const;
/**
 * A change of any other input is noted for the next rollout. What follows from other inputs does not count by itself: `standbyReleases`
 * changes with each rollout, and `timeoutSeconds` with what it may take.
 */
const COMPARED = rolloutSchema.keyof().exclude(["standbyReleases", "timeoutSeconds"]).options;

/** Fills in the inputs that the program, or an earlier version's state, leaves out. */
const complete = <Inputs extends object>(inputs: Inputs) => ({ ...ROLLOUT_DEFAULTS, ...withoutUndefined(inputs) });

/** Whether the live release is not the wanted one: the last rollout failed or did not end, or somebody has moved the alias. */
const isAstray = (olds: LambdaRolloutOutputs, news: LambdaRolloutInputs) =>
  olds.liveRelease !== news.release || settledRelease(olds) !== news.release;

const behaviour: Provider<LambdaRolloutInputs, LambdaRolloutOutputs> = {
  async check(_olds, news) {
    const inputs = complete(news);
    return { inputs, failures: problems(rolloutSchema, inputs) };
  },

  async diff(_id, olds, news) {
    const replaces = changed(REPLACES, olds, news);
    const changes = changed(COMPARED, complete(olds), news).length > 0 || isAstray(olds, news);
    if (replaces.length === 0 && isKnown(news.release) && news.release !== olds.liveRelease) {
      const waiter = new Waiter(`${olds.functionName}:${olds.aliasName}`, ROLLOUT_DEFAULTS);
      forecast(news, olds).forEach((line) => waiter.tell(line));
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
    const found = await truth(new Attempt(complete(props), props));
    if (found === undefined) {
      return {};
    }
    const { alias, live } = found;
    const moved = live.release === props.liveRelease ? {} : { liveSince: "" };
    return {
      id,
      props: { ...props, aliasArn: alias.arn, liveRelease: live.release, liveVersion: live.version, ...moved },
    };
  },

  async update(_id, olds, news) {
    const before = resultsOf(olds);
    if (changed(["description"], olds, news).length > 0) {
      await new Attempt(news, before).alias.describe(news.description ?? "");
    }
    if (changed(ROLLS_OUT, olds, news).length === 0 && !isAstray(olds, news)) {
      return { outs: withoutUndefined({ ...news, ...before }) };
    }
    return { outs: await new Rollout(news, before).run() };
  },

  async delete(_id, props) {
    const attempt = new Attempt(complete(props), resultsOf(props));
    await stopDeployment(attempt);
    await attempt.alias.remove();
  },
};

/** Behaviour of `LambdaRollout`. */
export const lambdaRollout = explaining(behaviour);
