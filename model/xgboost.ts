import type { HyperparameterList } from "./definition";

/**
 * A list as SageMaker's XGBoost reads it: a tuple of numbers for `monotone_constraints`, a list of lists for `interaction_constraints`, and
 * names with commas between them for `eval_metric` and `updater`.
 * https://github.com/aws/sagemaker-xgboost-container/blob/master/src/sagemaker_algorithm_toolkit/hyperparameter_validation.py
 */
export function xgboostList(list: HyperparameterList): string {
  if (list.some((item) => Array.isArray(item))) {
    return JSON.stringify(list);
  }
  if (list.every((item) => typeof item === "number")) {
    // Python takes (1) for a number.
    return `(${list.join(",")}${list.length === 1 ? "," : ""})`;
  }
  return list.join(",");
}
