"""The hyperparameters of SageMaker's built-in XGBoost, with the values that it takes.

https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost_hyperparameters.html
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from opt_ml import ClientError

Value = Any


@dataclass(frozen=True)
class Rule:
    """How a hyperparameter's text is read, and what it must be."""

    parse: Callable[[str], Value]
    allows: Callable[[Value], bool]
    expected: str


def whole(low: float, high: float = math.inf) -> Rule:
    return Rule(int, lambda value: low <= value <= high, f"a whole number {_bounds(low, high)}")


def number(low: float, high: float = math.inf, above: bool = False, below: bool = False) -> Rule:
    def allows(value: float) -> bool:
        return (low < value if above else low <= value) and (value < high if below else value <= high)

    return Rule(float, allows, f"a number {_bounds(low, high, above, below)}")


def one_of(*values: str) -> Rule:
    return Rule(str, lambda value: value in values, f"one of {', '.join(values)}")


def list_of(*values: str) -> Rule:
    return Rule(
        lambda text: [item.strip() for item in text.split(",")],
        lambda items: all(item.split("@")[0] in values for item in items),
        f"a comma-separated list of {', '.join(values)}",
    )


def truth() -> Rule:
    return Rule(lambda text: {"true": True, "false": False}.get(text), lambda value: value is not None, "true or false")


def tuple_of(*values: int) -> Rule:
    def allows(items: Value) -> bool:
        return isinstance(items, (tuple, list)) and all(item in values for item in items)

    return Rule(_literal, allows, f"a tuple of {', '.join(map(str, values))}")


def lists_from(low: int) -> Rule:
    def allows(lists: Value) -> bool:
        return isinstance(lists, list) and all(
            isinstance(items, list) and all(isinstance(item, int) and item >= low for item in items) for items in lists
        )

    return Rule(_literal, allows, f"a list of lists of whole numbers of {low} or more")


def _literal(text: str) -> Value:
    try:
        return ast.literal_eval(text)
    except SyntaxError as error:
        raise ValueError(text) from error


def _bounds(low: float, high: float, above: bool = False, below: bool = False) -> str:
    lower = f"above {low:g}" if above else f"of {low:g} or more"
    return lower if high == math.inf else f"{lower}, {'below' if below else 'at most'} {high:g}"


# What XGBoost itself computes; the metrics that SageMaker's container adds (accuracy, f1, …) are not here.
METRICS = (
    "auc", "aucpr", "error", "gamma-deviance", "gamma-nloglik", "logloss", "mae", "map", "mape", "merror", "mlogloss",
    "mphe", "ndcg", "poisson-nloglik", "rmse", "rmsle", "tweedie-nloglik",
)  # fmt: skip

RULES: dict[str, Rule] = {
    "num_round": whole(1),
    "early_stopping_rounds": whole(1),
    "booster": one_of("gbtree", "gblinear", "dart"),
    "verbosity": whole(0, 3),
    "nthread": whole(1),
    "eta": number(0, 1),
    "gamma": number(0),
    "max_depth": whole(0),
    "min_child_weight": number(0),
    "max_delta_step": number(0),
    "subsample": number(0, 1, above=True),
    "colsample_bytree": number(0, 1, above=True),
    "colsample_bylevel": number(0, 1, above=True),
    "colsample_bynode": number(0, 1, above=True),
    "lambda": number(0),
    "alpha": number(0),
    "tree_method": one_of("auto", "exact", "approx", "hist"),
    "scale_pos_weight": number(0, above=True),
    "grow_policy": one_of("depthwise", "lossguide"),
    "max_leaves": whole(0),
    "max_bin": whole(0),
    "sample_type": one_of("uniform", "weighted"),
    "normalize_type": one_of("tree", "forest"),
    "rate_drop": number(0, 1),
    "one_drop": whole(0, 1),
    "skip_drop": number(0, 1),
    "tweedie_variance_power": number(1, 2, above=True, below=True),
    "objective": one_of(
        "reg:linear", "reg:squarederror", "reg:squaredlogerror", "reg:pseudohubererror", "reg:logistic", "reg:gamma",
        "reg:tweedie", "binary:logistic", "binary:logitraw", "binary:hinge", "count:poisson", "multi:softmax",
        "multi:softprob",
    ),
    "num_class": whole(2),
    "base_score": number(0),
    "eval_metric": list_of(*METRICS),
    "seed": whole(-(2**31), 2**31 - 1),
    "num_parallel_tree": whole(1),
    "monotone_constraints": tuple_of(-1, 0, 1),
    "interaction_constraints": lists_from(1),
    "single_precision_histogram": truth(),
    "deterministic_histogram": truth(),
    "save_model_on_termination": truth(),
}  # fmt: skip
REQUIRED = ("num_round",)
# How a container of SageMaker runs, and how quickly; nothing of what it learns.
OF_THE_CONTAINER = ("single_precision_histogram", "deterministic_histogram", "save_model_on_termination")
# The tree methods that can hold constraints, as the container has it: XGBoost itself chooses one that can.
TREE_METHODS = {"monotone_constraints": ("exact", "hist"), "interaction_constraints": ("exact", "hist", "approx")}


def validated(given: dict[str, str]) -> dict[str, Value]:
    """Reads the hyperparameters as text, the way a training job carries them.

    Raises ClientError for one that is unknown, missing or not allowed.
    """
    for name in REQUIRED:
        if name not in given:
            raise ClientError(f"Missing required hyperparameter: {name}")
    values = {name: _value(name, text) for name, text in given.items()}
    if str(values.get("objective", "")).startswith("multi:") and "num_class" not in values:
        raise ClientError("Require input for parameter 'num_class' for multi-classification")
    for name, methods in TREE_METHODS.items():
        if name in values and values.get("tree_method") not in methods:
            either = " or ".join(f"'{method}'" for method in methods)
            raise ClientError(f"{name} can be used only when the tree_method parameter is set to either {either}.")
    return {name: value for name, value in values.items() if name not in OF_THE_CONTAINER}


def _value(name: str, text: str) -> Value:
    rule = RULES.get(name)
    if rule is None:
        raise ClientError(f"Extraneous hyperparameter found: {name}")
    try:
        value = rule.parse(text)
    except ValueError:
        raise ClientError(
            f"Hyperparameter {name}: could not parse value '{text}', it must be {rule.expected}"
        ) from None
    if not rule.allows(value):
        raise ClientError(f"Hyperparameter {name}: {text} is not in {rule.expected}")
    return value
