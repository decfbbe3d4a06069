import { z } from "zod";

const single = z.union([z.string(), z.number(), z.boolean()]);
const list = z.array(z.union([single, z.array(single)])).min(1, "must not be an empty list");

/** The rule for hyperparameters, as a model's definition, config and `data-source.zip` have them. SageMaker itself takes only text. */
export const hyperparameters = z.record(
  z.string(),
  z.union([single.transform(String), list], { error: "must be text, a number, true, false or a list of these" }),
);
export type Hyperparameters = z.output<typeof hyperparameters>;
type List = z.output<typeof list>;

/** Hyperparameters as SageMaker takes them. @param listText what a list looks like to the program that reads them */
export function asText(given: Hyperparameters, listText: (list: List) => string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, typeof value === "string" ? value : listText(value)]),
  );
}

/** A list as JSON, which SageMaker's toolkit for scripts reads back into a list. */
export const jsonList = (given: List): string => JSON.stringify(given);

/**
 * A list as SageMaker's XGBoost reads it: a tuple of numbers for `monotone_constraints`, a list of lists for `interaction_constraints`, and
 * names with commas between them for `eval_metric` and `updater`.
 * https://github.com/aws/sagemaker-xgboost-container/blob/master/src/sagemaker_algorithm_toolkit/hyperparameter_validation.py
 */
export function xgboostList(given: List): string {
  if (given.some((item) => Array.isArray(item))) {
    return JSON.stringify(given);
  }
  if (given.every((item) => typeof item === "number")) {
    // Python takes (1) for a number.
    return `(${given.join(",")}${given.length === 1 ? "," : ""})`;
  }
  return given.join(",");
}
