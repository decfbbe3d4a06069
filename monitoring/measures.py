"""How well a model predicts, from predictions and true values: each measure with its 95 % confidence interval."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from datetime import date
from statistics import NormalDist
from typing import Callable, Dict, Optional, Tuple

import numpy as np

from pairs import Pairs

CONFIDENCE = 0.95
Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)

# Measures of which less is better; of the others more is, and 1 is the best.
ERRORS = ("rmse", "brier")


@dataclass(frozen=True)
class Estimate:
    """A measure. It has no interval where there is too little to tell its spread."""

    value: float
    lower: Optional[float]
    upper: Optional[float]

    def written(self) -> Dict[str, Optional[float]]:
        return asdict(self)

    def through(self, change: Callable[[float], float]) -> Estimate:
        """@param change must grow with its argument"""
        bounds = [None if bound is None else change(bound) for bound in (self.lower, self.upper)]
        return Estimate(change(self.value), bounds[0], bounds[1])


# None where the measure is not defined, such as the AUC of one class.
Measures = Dict[str, Optional[Estimate]]


class Moments:
    """Mean and spread of values that come in chunks."""

    def __init__(self) -> None:
        self.count = 0
        self.mean = 0.0
        self._squares = 0.0

    def add(self, values: np.ndarray) -> None:
        if len(values) > 0:
            mean = float(values.mean())
            self._merge(len(values), mean, float(((values - mean) ** 2).sum()))

    def add_repeated(self, value: float, count: int) -> None:
        if count > 0:
            self._merge(count, value, 0.0)

    def _merge(self, count: int, mean: float, squares: float) -> None:
        # Chan, Golub and LeVeque: https://doi.org/10.2307/2683386
        total, apart = self.count + count, mean - self.mean
        self._squares += squares + apart**2 * self.count * count / total
        self.mean += apart * count / total
        self.count = total

    def variance_of_mean(self) -> Optional[float]:
        return None if self.count < 2 else self._squares / (self.count - 1) / self.count


def regression(pairs: Pairs, day: date) -> Measures:
    """RMSE, and the mean error: above 0 where the model predicts too much."""
    errors, squares = Moments(), Moments()
    for predictions, labels in pairs.chunks(day):
        errors.add(predictions - labels)
        squares.add((predictions - labels) ** 2)
    return {"rmse": _mean_square(squares).through(math.sqrt), "bias": _mean(errors)}


def classification(pairs: Pairs, day: date, threshold: float) -> Measures:
    """@param threshold the least probability that is taken for class 1"""
    squares = Moments()
    true_positives, wrong = 0, 0
    for probabilities, labels in pairs.chunks(day):
        squares.add((probabilities - labels) ** 2)
        predicted = probabilities >= threshold
        true_positives += int((predicted & (labels == 1)).sum())
        wrong += int((predicted != (labels == 1)).sum())
    right = squares.count - wrong
    positives = true_positives + wrong
    return {
        "accuracy": wilson(right / squares.count, squares.count),
        # F1 = 2 J / (1 + J), where J is the share of true positives in all that are or were taken for class 1.
        "f1": wilson(true_positives / positives, positives).through(lambda j: 2 * j / (1 + j)) if positives else None,
        "auc": _auc(pairs, day),
        "brier": _mean_square(squares),
    }


def _mean(values: Moments) -> Estimate:
    variance = values.variance_of_mean()
    if variance is None:
        return Estimate(values.mean, None, None)
    half = Z * math.sqrt(variance)
    return Estimate(values.mean, values.mean - half, values.mean + half)


def _mean_square(squares: Moments) -> Estimate:
    """On a scale of logarithms: few squares are great, and many are small."""
    variance = squares.variance_of_mean()
    if variance is None:
        return Estimate(squares.mean, None, None)
    half = Z * math.sqrt(variance) / squares.mean if squares.mean > 0 else 0.0
    return Estimate(squares.mean, squares.mean * math.exp(-half), squares.mean * math.exp(half))


def wilson(share: float, trials: float) -> Estimate:
    """https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Wilson_score_interval"""
    centre = (share + Z**2 / (2 * trials)) / (1 + Z**2 / trials)
    half = Z / (1 + Z**2 / trials) * math.sqrt(share * (1 - share) / trials + Z**2 / (4 * trials**2))
    return Estimate(share, max(0.0, centre - half), min(1.0, centre + half))


def _auc(pairs: Pairs, day: date) -> Optional[Estimate]:
    """
    The share of pairs of the two classes that are in order, with DeLong's variance (https://doi.org/10.2307/2531595).
    The interval is Wilson's for as many trials as have that variance, so that it stays within 0 and 1; where all pairs
    are in order there is no variance, and the rows of the smaller class are the trials.
    """
    ones, zeros = _class_sizes(pairs, day)
    if ones == 0 or zeros == 0:
        return None
    of_ones, of_zeros = Moments(), Moments()
    ones_below, zeros_below = 0, 0
    for _, ones_here, zeros_here in pairs.scores(day):
        of_ones.add_repeated((zeros_below + zeros_here / 2) / zeros, ones_here)
        of_zeros.add_repeated((ones - ones_below - ones_here / 2) / ones, zeros_here)
        ones_below, zeros_below = ones_below + ones_here, zeros_below + zeros_here
    area = of_ones.mean
    variances = (of_ones.variance_of_mean(), of_zeros.variance_of_mean())
    if variances[0] is None or variances[1] is None:
        return Estimate(area, None, None)
    variance = variances[0] + variances[1]
    return wilson(area, area * (1 - area) / variance if variance > 0 else min(ones, zeros))


def _class_sizes(pairs: Pairs, day: date) -> Tuple[int, int]:
    ones, zeros = 0, 0
    for _, ones_here, zeros_here in pairs.scores(day):
        ones, zeros = ones + ones_here, zeros + zeros_here
    return ones, zeros
