// The Lambda alias as a resource that CodeDeploy moves: first releases, shifts, and what to do when one fails or was interrupted.
// May import run/ and the AWS SDK; of @pulumi/pulumi nothing but types.
import { explaining, withoutUndefined, type Implementation } from "../run/implementation";
import { changed, problems } from "../run/inputs";
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
const NOTED = ["description", "drainSeconds", "pollSeconds", "timeoutSeconds"] as const;

/** Whether what is live is not what is wanted: the last rollout failed, or somebody has moved the alias. */
const isAstray = (olds: LambdaRolloutOutputs, news: LambdaRolloutInputs) => olds.liveRelease !== news.release;

const behaviour: Implementation<LambdaRolloutInputs, LambdaRolloutOutputs> = {
  async check(_olds, news) {
    const inputs = { ...ROLLOUT_DEFAULTS, ...withoutUndefined(news) };
    return { inputs, failures: problems(rolloutSchema, inputs) };
  },

  async diff(_id, olds, news) {
    const replaces = changed(REPLACES, olds, news);
    const changes = changed([...REPLACES, ...ROLLS_OUT, ...NOTED], olds, news).length > 0 || isAstray(olds, news);
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
    const truth = await new Rollout(props, props).truth();
    return truth === undefined ? {} : { id, props: { ...props, ...truth } };
  },

  async update(_id, olds, news) {
    const rollout = new Rollout(news, olds);
    if (changed(["description"], olds, news).length > 0) {
      await rollout.describe(news.description ?? "");
    }
    if (changed(ROLLS_OUT, olds, news).length === 0 && !isAstray(olds, news)) {
      const { aliasArn, liveRelease, liveVersion, deploymentId, outcome } = olds;
      return { outs: withoutUndefined({ ...news, aliasArn, liveRelease, liveVersion, deploymentId, outcome }) };
    }
    return { outs: await rollout.run() };
  },

  async delete(_id, props) {
    await new Rollout(props, props).remove();
  },
};

/** Behaviour of `LambdaRollout`. */
export const lambdaRollout = explaining(behaviour);
