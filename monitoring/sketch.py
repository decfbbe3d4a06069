"""The distribution of a column in bounded memory: a KLL sketch that values are added to."""

from __future__ import annotations

from typing import Any, Dict, List

import numpy as np

from baseline import KLL_C, KLL_K


class Sketch:
    """
    Values of which so many are kept that every rank is true to about 0.1 % of the rows: a value at `level` stands for
    2^level rows, as in the sketches of statistics.json (https://arxiv.org/abs/1603.05346). Up to 2,048 are all kept.
    """

    def __init__(self) -> None:
        # Which half of a level survives is a matter of chance that must come out the same for the same data.
        self._rng = np.random.Generator(np.random.PCG64(0))
        self._levels: List[np.ndarray] = [np.empty(0)]

    @classmethod
    def of(cls, data: List[List[float]]) -> "Sketch":
        """One that has been written: the `data` of a sketch in statistics.json."""
        sketch = cls()
        sketch._levels = [np.asarray(values, dtype="float64") for values in data] or [np.empty(0)]
        return sketch

    def add(self, numbers: np.ndarray) -> None:
        self._levels[0] = np.concatenate([self._levels[0], numbers])
        level = 0
        while level < len(self._levels):
            if len(self._levels[level]) > self._room(level):
                self._compact(level)
            level += 1

    def _compact(self, level: int) -> None:
        values = np.sort(self._levels[level])
        odd = len(values) % 2
        promoted = values[odd:][self._rng.integers(2) :: 2]
        self._levels[level] = values[:odd]
        if level + 1 == len(self._levels):
            self._levels.append(promoted)
        else:
            self._levels[level + 1] = np.concatenate([self._levels[level + 1], promoted])

    def _room(self, level: int) -> int:
        return max(2, int(np.ceil(KLL_K * KLL_C ** (len(self._levels) - 1 - level))))

    def weighted(self) -> "Weighted":
        values = np.concatenate(self._levels)
        weights = np.concatenate([np.full(len(kept), 2.0**level) for level, kept in enumerate(self._levels)])
        return Weighted(values, weights)

    def written(self) -> Dict[str, Any]:
        """As statistics.json has it."""
        data = [np.sort(values).tolist() for values in self._levels]
        return {"parameters": {"c": KLL_C, "k": float(KLL_K)}, "data": data}


class Weighted:
    """A distribution function: values, each with the number of rows that it stands for."""

    def __init__(self, values: np.ndarray, weights: np.ndarray) -> None:
        order = np.argsort(values, kind="stable")
        self.values = values[order]
        self._cumulated = np.concatenate([[0.0], np.cumsum(weights[order])])

    @property
    def rows(self) -> float:
        return float(self._cumulated[-1])

    def share_up_to(self, limits: np.ndarray, side: str = "right") -> np.ndarray:
        """Share of the rows with a value of at most each limit; below it with the side "left"."""
        return self._cumulated[np.searchsorted(self.values, limits, side=side)] / self.rows

    def quantiles(self, shares: np.ndarray) -> np.ndarray:
        at = np.searchsorted(self._cumulated[1:], shares * self.rows, side="left")
        return self.values[np.minimum(at, len(self.values) - 1)]

    def counts(self, edges: np.ndarray) -> np.ndarray:
        """Rows between edges: each range has its lower edge and not its upper one; the last one has both."""
        below = self.share_up_to(edges, "left")
        below[-1] = 1.0
        return np.diff(below) * self.rows
