"""Compares what a window says about a column with the baseline."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np

from baseline import InputError
from distances import kolmogorov_smirnov, numeric_stability_index, robust, stability_index
from features import Column, Numbers, Texts
from sketch import Sketch

NUMERIC = ("Integral", "Fractional")
# How many standard deviations below the baseline's completeness a window's may be by chance.
COMPLETENESS_SIGMAS = 4
# New categories that a report lists, the most frequent first.
LISTED_NEW = 20


@dataclass(frozen=True)
class Baseline:
    """A column's entries of the baseline's files."""

    name: str
    statistics: Dict[str, Any]
    constraints: Dict[str, Any]

    @property
    def kind(self) -> str:
        return str(self.statistics["inferred_type"])

    @property
    def _of_kind(self) -> Dict[str, Any]:
        return self.statistics.get("numerical_statistics") or self.statistics["string_statistics"]

    @property
    def present(self) -> int:
        return int(self._of_kind["common"]["num_present"])

    @property
    def rows(self) -> int:
        return self.present + int(self._of_kind["common"]["num_missing"])

    @property
    def sketch(self) -> Sketch:
        return Sketch.of(self._of_kind["distribution"]["kll"]["sketch"]["data"])

    @property
    def texts(self) -> Dict[str, float]:
        """Rows by text, of those that are listed. Blanks around a text do not belong to it, as in the window."""
        rows: Dict[str, float] = {}
        for one in self._of_kind["distribution"]["categorical"]["buckets"]:
            text = one["value"].strip()
            rows[text] = rows.get(text, 0.0) + float(one["count"])
        return rows

    @property
    def all_texts(self) -> Optional[List[str]]:
        """Every text that there was, if they are known."""
        domains = self.constraints.get("string_constraints", {}).get("domains")
        if domains is not None:
            return [text.strip() for text in domains]
        listed = self._of_kind["distribution"]["categorical"]["buckets"]
        return list(self.texts) if self._of_kind["distinct_count"] <= len(listed) else None

    @property
    def completeness(self) -> float:
        return float(self.constraints.get("completeness", 0.0))

    @property
    def is_binary(self) -> bool:
        """Whether it is a label of two classes, 0 and 1."""
        of_kind = self._of_kind
        return self.kind == "Integral" and of_kind["min"] == 0 and of_kind["max"] == 1

    def column(self) -> Column:
        """What counts a window's values of it."""
        return Texts(self.name, list(self.texts)) if self.kind == "String" else Numbers(self.name)


def read_baselines(folder: Path) -> List[Baseline]:
    """The columns of a baseline's files, in their order."""
    files = {name: folder / f"{name}.json" for name in ("statistics", "constraints")}
    try:
        read = {name: json.loads(file.read_text(encoding="utf-8"))["features"] for name, file in files.items()}
        constraints = {entry["name"]: entry for entry in read["constraints"]}
        baselines = [Baseline(entry["name"], entry, constraints.get(entry["name"], {})) for entry in read["statistics"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"the baseline in {folder} cannot be read: {error!r}") from error
    if not baselines:
        raise InputError(f"the baseline in {folder} has no columns")
    names = [baseline.name for baseline in baselines]
    if len(set(names)) < len(names):
        raise InputError(f"the baseline in {folder} must have each column once, and has {', '.join(names)}")
    for baseline in baselines:
        try:
            _needed(baseline)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(f"column {baseline.name} of the baseline in {folder} cannot be read: {error!r}") from error
    return baselines


def _needed(baseline: Baseline) -> List[Any]:
    """All that a comparison may read. It is read before anything is counted, so that what is missing is said at once."""
    needed: List[Any] = [baseline.rows, baseline.completeness]
    if baseline.kind == "String":
        needed += [baseline.texts, baseline.all_texts]
    elif baseline.kind in NUMERIC:
        needed += [baseline.is_binary, float(baseline.statistics["numerical_statistics"]["mean"])]
        if baseline.present == 0 or baseline.sketch.weighted().rows == 0:
            raise ValueError("its sketch has no values")
    return needed


@dataclass
class Comparison:
    """What came of a column. Numbers are None where there is nothing to compare."""

    is_prediction: bool
    is_text: bool
    threshold: float
    missing: Optional[float]
    distance: Optional[float] = None
    psi: Optional[float] = None
    ks: Optional[Dict[str, Any]] = None
    new_categories: List[Dict[str, Any]] = field(default_factory=list)
    # Of Model Monitor's checks: its name for the check, and what is wrong.
    violations: List[Tuple[str, str]] = field(default_factory=list)

    def written(self) -> Dict[str, Any]:
        """The column's entry of drift.json."""
        return {
            "kind": "prediction" if self.is_prediction else "input",
            "type": "text" if self.is_text else "number",
            "distance": self.distance,
            "threshold": self.threshold,
            "psi": self.psi,
            "ks": self.ks,
            "missing": self.missing,
            "newCategories": self.new_categories,
            "violated": len(self.violations) > 0,
        }


def compare(baseline: Baseline, column: Column, threshold: float, is_prediction: bool) -> Comparison:
    rows = column.present + column.missing + column.unfit
    share = column.missing / rows if rows > 0 else None
    result = Comparison(is_prediction, isinstance(column, Texts), threshold, share)
    if rows == 0:
        return result
    if isinstance(column, Texts):
        _compare_texts(baseline, column, result)
    elif baseline.kind in NUMERIC and column.present > 0:
        _compare_numbers(baseline, column, result)
    if result.distance is not None and result.distance > threshold:
        text = f"Baseline drift distance: {result.distance} exceeds threshold: {threshold}"
        result.violations.append(("baseline_drift_check", text))
    _check_completeness(baseline, column, rows, result)
    if not is_prediction:
        _check_type(baseline, column, result)
    return result


def _compare_numbers(baseline: Baseline, column: Numbers, result: Comparison) -> None:
    is_probability = not column.is_integral and 0 <= column.least <= column.greatest <= 1
    if result.is_prediction and baseline.is_binary and is_probability:
        # The model answers how probable class 1 is. A probability counts as that share of a row of class 1.
        expected, actual = baseline.statistics["numerical_statistics"]["mean"], column.mean
        result.distance = robust(abs(actual - expected), baseline.present, column.present)
        shares = [np.asarray([1 - mean, mean]) for mean in (expected, actual)]
        result.psi = stability_index(shares[0] * baseline.present, shares[1] * column.present)
        return
    before, now = baseline.sketch.weighted(), column.sketch.weighted()
    statistic, p_value = kolmogorov_smirnov(before, now)
    result.distance = robust(statistic, before.rows, now.rows)
    result.psi = numeric_stability_index(before, now)
    result.ks = {"statistic": statistic, "pValue": p_value, "rows": column.present}


def _compare_texts(baseline: Baseline, column: Texts, result: Comparison) -> None:
    known = baseline.texts
    if column.present == 0 or baseline.present == 0:
        return
    counts = np.asarray([column.counts.get(text, 0) for text in known], dtype="float64")
    # All texts that the baseline does not list are one.
    before = np.asarray([*known.values(), max(0.0, baseline.present - sum(known.values()))])
    now = np.asarray([*counts, column.present - counts.sum()])
    apart = float(np.max(np.abs(before / baseline.present - now / column.present)))
    result.distance = robust(apart, baseline.present, column.present)
    result.psi = stability_index(before, now)
    allowed = baseline.all_texts
    if allowed is None:
        return
    others = ((count, text) for text, count in column.counts.items() if count > 0 and text not in allowed)
    new = sorted(others, reverse=True)
    result.new_categories = [{"value": text, "count": count} for count, text in new[:LISTED_NEW]]
    if new or column.uncounted > 0:
        rows = sum(count for count, _ in new) + column.uncounted
        text = f"{rows} of {column.present} rows have a value that the baseline does not have"
        result.violations.append(("categorical_values_check", text))


def _check_completeness(baseline: Baseline, column: Column, rows: int, result: Comparison) -> None:
    expected = baseline.completeness
    actual = 1 - column.missing / rows
    deviation = float(np.sqrt(expected * (1 - expected) * (1 / max(baseline.rows, 1) + 1 / rows)))
    if actual < expected - COMPLETENESS_SIGMAS * deviation:
        text = f"Completeness requirement is not met. Expected: {expected:.2%}. Observed: only {actual:.2%}"
        result.violations.append(("completeness_check", text))


def _check_type(baseline: Baseline, column: Column, result: Comparison) -> None:
    if not isinstance(column, Numbers) or baseline.kind not in NUMERIC:
        return
    fitting = column.whole if baseline.kind == "Integral" else column.present
    cells = column.present + column.unfit
    if fitting < cells:
        text = f"Expected data type: {baseline.kind}. Observed: only {fitting / cells:.2%} of the data"
        result.violations.append(("data_type_check", f"Data type match requirement is not met. {text}"))


def violations_file(results: Dict[str, Comparison]) -> Dict[str, Any]:
    """The content of constraint_violations.json."""
    violations: Sequence[Dict[str, str]] = [
        {"feature_name": name, "constraint_check_type": check, "description": text}
        for name, result in results.items()
        for check, text in result.violations
    ]
    return {"violations": violations}
