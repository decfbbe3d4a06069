"""What a window says about each column: counted chunk by chunk, in a size that does not grow with the rows."""

from __future__ import annotations

from typing import Any, Dict, Optional, Sequence, Union

import numpy as np
import pandas as pd

from baseline import BUCKETS, LISTED_VALUES
from sketch import Sketch

# What pandas, by which the baseline was read, takes for a missing value.
MISSING = frozenset(
    ["", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>"]
    + ["N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"]
)
# Numbers beyond it are taken for it: the sum of the squares of any number of rows must be a number, too.
GREATEST = 1e140
# What pandas makes of a column that has nothing else: these in any case, and missing values.
BOOLEANS = {"true": "True", "false": "False"}
# Different texts that are counted beside those of the baseline. Of more, only the rows are.
MOST_TEXTS = 10_000


class Numbers:
    """A column of numbers."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.missing = 0
        # Cells that are no finite number.
        self.unfit = 0
        self.present = 0
        self.whole = 0
        self.sum = 0.0
        self.least, self.greatest = np.inf, -np.inf
        self.sketch = Sketch()
        self._mean, self._squares = 0.0, 0.0

    def add(self, cells: Sequence[str]) -> None:
        texts = pd.Series(cells, dtype="object")
        is_missing = texts.isin(MISSING)
        parsed = pd.to_numeric(texts[~is_missing], errors="coerce").to_numpy(dtype="float64")
        numbers = np.clip(parsed[np.isfinite(parsed)], -GREATEST, GREATEST)
        self.missing += int(is_missing.sum())
        self.unfit += len(parsed) - len(numbers)
        if len(numbers) > 0:
            self._add_numbers(numbers)

    def _add_numbers(self, numbers: np.ndarray) -> None:
        # Chan, Golub and LeVeque's way to put two samples' variances together.
        total = self.present + len(numbers)
        mean = float(numbers.mean())
        apart = mean - self._mean
        self._squares += float(np.square(numbers - mean).sum()) + apart**2 * self.present * len(numbers) / total
        self._mean += apart * len(numbers) / total
        self.present = total
        self.whole += int((numbers == np.round(numbers)).sum())
        self.sum += float(numbers.sum())
        self.least = min(self.least, float(numbers.min()))
        self.greatest = max(self.greatest, float(numbers.max()))
        self.sketch.add(numbers)

    @property
    def mean(self) -> float:
        return self._mean

    @property
    def is_integral(self) -> bool:
        return self.whole == self.present

    def statistics(self) -> Dict[str, Any]:
        """The column's entry of statistics.json."""
        common = {"num_present": self.present, "num_missing": self.missing}
        if self.present == 0:
            return _of_texts(self.name, "Unknown", common, {}, 0)
        kll = {"buckets": self._buckets(), "sketch": self.sketch.written()}
        numerical = {
            "common": common,
            "mean": self._mean,
            "sum": self.sum,
            "std_dev": float(np.sqrt(self._squares / self.present)),
            "min": self.least,
            "max": self.greatest,
            "distribution": {"kll": kll},
        }
        kind = "Integral" if self.is_integral else "Fractional"
        return {"name": self.name, "inferred_type": kind, "numerical_statistics": numerical}

    def _buckets(self) -> Sequence[Dict[str, float]]:
        if self.least == self.greatest:
            return [{"lower_bound": self.least, "upper_bound": self.greatest, "count": float(self.present)}]
        edges = np.linspace(self.least, self.greatest, BUCKETS + 1)
        counts = self.sketch.weighted().counts(edges)
        return [
            {"lower_bound": float(low), "upper_bound": float(high), "count": float(count)}
            for low, high, count in zip(edges[:-1], edges[1:], counts)
        ]


class Texts:
    """A column of texts. @param known those of the baseline, which are always counted"""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        self.name = name
        self.missing = 0
        self.unfit = 0
        self.present = 0
        # Rows with a text that there was no room for.
        self.uncounted = 0
        self.counts: Dict[str, int] = {text: 0 for text in known}
        self._room = len(self.counts) + MOST_TEXTS
        self._are_booleans = len(self.counts) > 0 and set(self.counts) <= set(BOOLEANS.values())
        # What the baseline has as a text is one: the pandas of its job may have known fewer names for a missing value.
        self._missing = MISSING - set(self.counts)

    def add(self, cells: Sequence[str]) -> None:
        read = [BOOLEANS.get(text.lower(), text) for text in cells] if self._are_booleans else cells
        texts = pd.Series(read, dtype="object")
        is_missing = texts.isin(self._missing)
        self.missing += int(is_missing.sum())
        self.present += int((~is_missing).sum())
        for text, count in texts[~is_missing].value_counts().items():
            if text in self.counts or len(self.counts) < self._room:
                self.counts[text] = self.counts.get(text, 0) + int(count)
            else:
                self.uncounted += int(count)

    def statistics(self) -> Dict[str, Any]:
        """The column's entry of statistics.json."""
        common = {"num_present": self.present, "num_missing": self.missing}
        seen = {text: count for text, count in self.counts.items() if count > 0}
        return _of_texts(self.name, "String" if self.present > 0 else "Unknown", common, seen, len(seen))


Column = Union[Numbers, Texts]


def _of_texts(name: str, kind: str, common: Dict[str, int], counts: Dict[str, int], distinct: int) -> Dict[str, Any]:
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:LISTED_VALUES]
    listed = [{"value": text, "count": count} for text, count in most]
    string = {
        "common": common,
        "distinct_count": float(distinct),
        "distribution": {"categorical": {"buckets": listed}},
    }
    return {"name": name, "inferred_type": kind, "string_statistics": string}


def cell(value: Optional[object]) -> str:
    """A value of JSON as a cell of CSV."""
    return "" if value is None else value if isinstance(value, str) else str(value)
