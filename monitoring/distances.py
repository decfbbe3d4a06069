"""How far two distributions are apart."""

from __future__ import annotations

from typing import List, Tuple

import numpy as np

from sketch import Weighted

# Bins of the population stability index, of equal share in the baseline.
PSI_BINS = 10
# A value that so large a share of the baseline has is a bin of its own.
HEAVY = 1 / (2 * PSI_BINS)


def chance(baseline_rows: float, rows: float) -> float:
    """
    What chance alone may put between two samples of the same. Model Monitor's "robust" distance is without so much:
    https://github.com/awslabs/deequ/blob/master/src/main/scala/com/amazon/deequ/analyzers/Distance.scala
    """
    return 1.8 * float(np.sqrt((baseline_rows + rows) / (baseline_rows * rows)))


def robust(distance: float, baseline_rows: float, rows: float) -> float:
    return max(0.0, distance - chance(baseline_rows, rows))


def kolmogorov_smirnov(baseline: Weighted, current: Weighted) -> Tuple[float, float]:
    """The greatest distance between two distribution functions, and its asymptotic p-value."""
    values = np.concatenate([baseline.values, current.values])
    statistic = float(np.max(np.abs(baseline.share_up_to(values) - current.share_up_to(values))))
    rows = baseline.rows * current.rows / (baseline.rows + current.rows)
    return statistic, kolmogorov(float(np.sqrt(rows)) * statistic)


def kolmogorov(x: float) -> float:
    """The limit distribution of the statistic: the probability of more than x."""
    if x < 0.2:  # 1 to twelve digits, where the sum needs many terms
        return 1.0
    terms = np.arange(1, 101)
    return float(np.clip(2 * np.sum((-1.0) ** (terms - 1) * np.exp(-2 * (terms * x) ** 2)), 0.0, 1.0))


def stability_index(baseline: np.ndarray, current: np.ndarray) -> float:
    """Of the counts in the same bins. Half a row is added to each, so that empty ones can be compared."""
    expected = (baseline + 0.5) / np.sum(baseline + 0.5)
    actual = (current + 0.5) / np.sum(current + 0.5)
    return float(np.sum((actual - expected) * np.log(actual / expected)))


def numeric_stability_index(baseline: Weighted, current: Weighted) -> float:
    cuts = _cuts(baseline)
    return stability_index(_counts(baseline, cuts), _counts(current, cuts))


def _cuts(baseline: Weighted) -> List[Tuple[float, str]]:
    """Where bins end: with each of the values, or before it."""
    edges = np.unique(baseline.quantiles(np.arange(1, PSI_BINS) / PSI_BINS))
    shares = baseline.share_up_to(edges) - baseline.share_up_to(edges, "left")
    cuts: List[Tuple[float, str]] = []
    for edge, share in zip(edges.tolist(), shares.tolist()):
        cuts += [(edge, "left"), (edge, "right")] if share >= HEAVY else [(edge, "right")]
    return cuts


def _counts(distribution: Weighted, cuts: List[Tuple[float, str]]) -> np.ndarray:
    up_to = [float(distribution.share_up_to(np.asarray([edge]), side)[0]) for edge, side in cuts]
    return np.diff(np.asarray([0.0, *up_to, 1.0])) * distribution.rows
