import { withoutUndefined, type Provider } from "../support/provider";
import { changed, isKnown, problems, shown } from "../support/inputs";
import { Job } from "./job";
import { timeoutSeconds, type JobInputs, type JobKind, type JobOutputs } from "./job-kind";

/**
 * The resource for a kind of job. It finds or starts the job with its name, follows it to its end and reports the result. A job that failed
 * in a way that passes is tried again under another name, once in each update.
 */
export function jobProvider<Inputs extends JobInputs, Described extends object, Results extends object>(
  kind: JobKind<Inputs, Described, Results>,
): Provider<Inputs, Inputs & JobOutputs & Partial<Results>> {
  const besides = new Set<string>(["jobName", "region", ...kind.besidesDefinition]);
  const definitionKeys = Object.keys(kind.schema.shape).filter((key) => !besides.has(key));
  const withDefaults = (inputs: Inputs): Inputs => {
    const given = { ...kind.defaults, ...withoutUndefined(inputs) };
    const derived = { timeoutSeconds: timeoutSeconds(kind.longestSeconds?.(given) ?? given.maxRuntimeSeconds) };
    return { ...derived, ...given };
  };

  return {
    async check(olds, news) {
      const inputs = withDefaults(news);
      const failures = problems(kind.schema, inputs);
      // The preview reports this already, as far as it is known: `create` could only refuse. `olds` is empty for a job that is not in the
      // state.
      if (failures.length === 0 && isKnown(inputs.jobName) && olds.jobName === inputs.jobName) {
        const [before, after] = [record({ ...kind.defaults, ...withoutUndefined(olds) }), record(inputs)];
        const known = definitionKeys.filter((key) => isKnown(after[key]));
        for (const property of changed(known, before, after)) {
          const reason =
            `changed from ${shown(before[property])} to ${shown(after[property])}, but ${kind.noun} ${inputs.jobName} was run as it was, ` +
            "and SageMaker never runs a name twice: use a new release id, or change it back";
          failures.push({ property, reason });
        }
      }
      return { inputs, failures };
    },

    async diff(_id, olds, news) {
      const replaces = changed(["jobName", "region", ...definitionKeys], record(olds), record(news));
      const inPlace = changed(kind.besidesDefinition, olds, news);
      // A job that failed, or that does not meet the inputs, is checked again. This also holds after `pulumi refresh`, which makes the
      // engine forget the failure.
      const good = olds.status === "Completed" && (!isKnown(news) || kind.objection?.(olds, news) === undefined);
      return { changes: replaces.length > 0 || inPlace.length > 0 || !good, replaces };
    },

    async create(inputs) {
      const job = new Job(kind, inputs);
      await job.start();
      return { id: inputs.jobName, outs: await job.settle() };
    },

    async read(id, props) {
      if (props === undefined) {
        return {};
      }
      const job = new Job(kind, props);
      const described = await job.find();
      return described === undefined ? {} : { id, props: job.outputs(described) };
    },

    async update(_id, olds, news) {
      const job = new Job(kind, news);
      if (changed<JobInputs, "tags">(["tags"], olds, news).length > 0) {
        await job.retag();
      }
      return { outs: await job.resume() };
    },

    async delete(_id, props) {
      await new Job(kind, props).stop();
    },
  };
}

/** The same object, whose members can be read by any name. */
function record(value: object): Readonly<Record<string, unknown>> {
  return { ...value };
}
