"""Compares each column with its baseline by Model Monitor's checks.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-violations.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Sequence

import numpy as np

BUCKETS = 10
Row = List[str]
Violation = Dict[str, str]


@dataclass
class Result:
    """What came of a column."""

    name: str
    present: List[str]
    numbers: np.ndarray
    rows: int
    kind: str
    distance: float
    violations: List[Violation] = field(default_factory=list)

    def violated(self, check: str, description: str) -> None:
        self.violations.append(violation(self.name, check, description))

    def statistics(self) -> Dict[str, Any]:
        common = {"num_present": len(self.present), "num_missing": self.rows - len(self.present)}
        if self.kind not in ("Integral", "Fractional"):
            texts, counts = np.unique(self.present, return_counts=True)
            listed = [{"value": str(text), "count": int(count)} for text, count in zip(texts, counts)]
            string = {
                "common": common,
                "distinct_count": float(len(listed)),
                "distribution": {"categorical": {"buckets": listed}},
            }
            return {"name": self.name, "inferred_type": self.kind, "string_statistics": string}
        counts, edges = np.histogram(self.numbers, bins=BUCKETS)
        buckets = [
            {"lower_bound": float(low), "upper_bound": float(high), "count": float(count)}
            for low, high, count in zip(edges[:-1], edges[1:], counts)
        ]
        sketch = {"parameters": {"c": 0.64, "k": 2048.0}, "data": [np.sort(self.numbers).tolist()]}
        numerical = {
            "common": common,
            "mean": float(self.numbers.mean()),
            "sum": float(self.numbers.sum()),
            "std_dev": float(self.numbers.std()),
            "min": float(self.numbers.min()),
            "max": float(self.numbers.max()),
            "distribution": {"kll": {"buckets": buckets, "sketch": sketch}},
        }
        return {"name": self.name, "inferred_type": self.kind, "numerical_statistics": numerical}

    def metrics(self) -> List[Dict[str, Any]]:
        """https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-cloudwatch.html"""
        metrics: List[Dict[str, Any]] = [
            {"MetricName": f"feature_non_null_{self.name}", "Value": float(len(self.present))},
            {"MetricName": f"feature_baseline_drift_{self.name}", "Value": self.distance},
        ]
        if self.kind in ("Integral", "Fractional"):
            least, most = float(self.numbers.min()), float(self.numbers.max())
            values = {"SampleCount": float(len(self.numbers)), "Sum": float(self.numbers.sum())}
            metrics.append(
                {
                    "MetricName": f"feature_data_{self.name}",
                    "StatisticValues": {**values, "Minimum": least, "Maximum": most},
                }
            )
        return metrics


def violation(name: str, check: str, description: str) -> Violation:
    return {"feature_name": name, "constraint_check_type": check, "description": description}


def width_violations(names: Sequence[str], rows: Sequence[Row]) -> List[Violation]:
    """A row of another width makes the whole dataset one of too few or too many columns."""
    widest = max(len(row) for row in rows)
    if widest == len(names):
        return []
    check, word = ("extra_column_check", "extra") if widest > len(names) else ("missing_column_check", "missing")
    counts = f"Number of columns in current dataset: {widest}, Number of columns in baseline constraints: {len(names)}"
    return [violation(f"{word.capitalize()} columns", check, f"There are {word} columns in current dataset. {counts}")]


def compare(rows: Sequence[Row], statistics: Dict[str, Any], constraints: Dict[str, Any]) -> List[Result]:
    """The columns by their places: a capture names none."""
    config = constraints["monitoring_config"]
    entries = {entry["name"]: entry for entry in statistics["features"]}
    return [
        _compare([row[at] if at < len(row) else "" for row in rows], entry, entries[entry["name"]], config)
        for at, entry in enumerate(constraints["features"])
    ]


def _compare(cells: List[str], constraint: Dict[str, Any], before: Dict[str, Any], config: Dict[str, Any]) -> Result:
    present = [cell.strip() for cell in cells if cell.strip() != ""]
    expected = constraint["inferred_type"]
    numbers = np.asarray([number for number in map(_number, present) if np.isfinite(number)])
    is_text = expected not in ("Integral", "Fractional") or len(numbers) == 0
    kind = "String" if is_text else "Integral" if bool(np.all(numbers == np.round(numbers))) else "Fractional"
    distance = _text_distance(present, before) if is_text else _number_distance(numbers, before)
    result = Result(constraint["name"], present, numbers, len(cells), kind, distance)
    _check(result, constraint, config)
    return result


def _check(result: Result, constraint: Dict[str, Any], config: Dict[str, Any]) -> None:
    distribution = {
        **config["distribution_constraints"],
        **constraint.get("monitoring_config_overrides", {}).get("distribution_constraints", {}),
    }
    threshold = distribution["comparison_threshold"]
    if result.distance > threshold:
        result.violated(
            "baseline_drift_check", f"Baseline drift distance: {result.distance} exceeds threshold: {threshold}"
        )
    completeness = len(result.present) / result.rows
    if completeness < constraint["completeness"]:
        shares = f"{completeness:.2%} of the values are present, and the baseline has {constraint['completeness']:.2%}"
        result.violated("completeness_check", f"Value completeness does not meet the baseline: {shares}")
    expected = constraint["inferred_type"]
    is_numeric = expected in ("Integral", "Fractional")
    has_texts = is_numeric and len(result.numbers) < len(result.present)
    if has_texts or (expected == "Integral" and result.kind == "Fractional"):
        result.violated("data_type_check", f"Data type does not match the baseline's, {expected}")
    domain = constraint.get("string_constraints", {}).get("domains")
    if domain is not None and not set(result.present) <= set(domain):
        unknown = sorted(set(result.present) - set(domain))
        result.violated("categorical_values_check", f"Values are unknown to the baseline, such as {unknown[0]}")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _number_distance(numbers: np.ndarray, before: Dict[str, Any]) -> float:
    of_baseline = before.get("numerical_statistics")
    if of_baseline is None:
        return 1.0
    # A value of a sketch's level n stands for 2^n rows.
    levels = of_baseline["distribution"]["kll"]["sketch"]["data"]
    values = np.concatenate([np.asarray(level, dtype="float64") for level in levels])
    weights = np.concatenate([np.full(len(level), 2.0**n) for n, level in enumerate(levels)])
    order = np.argsort(values)
    values, cumulated = values[order], np.cumsum(weights[order])
    at = np.concatenate([values, np.sort(numbers)])
    shares = np.concatenate([[0.0], cumulated / cumulated[-1]])[np.searchsorted(values, at, side="right")]
    now = np.searchsorted(np.sort(numbers), at, side="right") / len(numbers)
    return _robust(float(np.max(np.abs(shares - now))), float(cumulated[-1]), len(numbers))


def _text_distance(present: List[str], before: Dict[str, Any]) -> float:
    of_baseline = before.get("string_statistics")
    if of_baseline is None or not present:
        return 1.0 if present else 0.0
    buckets = of_baseline["distribution"]["categorical"]["buckets"]
    expected = {bucket["value"]: bucket["count"] for bucket in buckets}
    rows = of_baseline["common"]["num_present"]
    counts: Dict[str, int] = {}
    for text in present:
        counts[text] = counts.get(text, 0) + 1
    apart = [abs(expected.get(text, 0) / rows - counts.get(text, 0) / len(present)) for text in {*expected, *counts}]
    return _robust(max(apart), rows, len(present))


def _robust(distance: float, baseline_rows: float, rows: float) -> float:
    """https://github.com/awslabs/deequ/blob/master/src/main/scala/com/amazon/deequ/analyzers/Distance.scala"""
    return max(0.0, distance - 1.8 * float(np.sqrt((baseline_rows + rows) / (baseline_rows * rows))))
