"""Joins predictions with labels in a file of SQLite, so that memory does not grow with either."""

from __future__ import annotations

import json
import math
import sqlite3
import tempfile
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Optional, Tuple

import numpy as np

from captures import Event
from features import GREATEST
from labels import Label

# Pairs that are looked at once.
CHUNK = 10_000


@dataclass
class Counts:
    """What was captured on a day."""

    # Predictions.
    rows: int = 0
    withoutLabel: int = 0
    # Of requests whose id another one had before: only the first has a label.
    repeatedIds: int = 0
    # Predictions that are no numbers below GREATEST or, of classes, no probabilities; or of which the label has another number.
    unfit: int = 0

    def written(self) -> Dict[str, int]:
        return asdict(self)


class Pairs:
    """Predictions with their labels, by day."""

    def __init__(self, is_class: bool) -> None:
        self._is_class = is_class
        self._folder = tempfile.TemporaryDirectory()
        self._database = sqlite3.connect(Path(self._folder.name) / "pairs.sqlite", isolation_level=None)
        # Nothing is kept: what is lost is made again.
        for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -65536", "temp_store = FILE"):
            self._database.execute(f"PRAGMA {setting}")
        self._database.execute("CREATE TABLE labels (id TEXT PRIMARY KEY, label TEXT, day TEXT) WITHOUT ROWID")
        self._database.execute("CREATE TABLE pairs (day TEXT, prediction REAL, label REAL)")
        self._database.execute("BEGIN")
        self.days: Dict[str, Counts] = {}
        self.labels_read = 0

    def close(self) -> None:
        self._database.close()
        self._folder.cleanup()

    def add_labels(self, labels: Iterable[Label]) -> None:
        """Of several with one id, the last one stays. What it does not know yet, it does not take from those before."""
        for event_id, values in labels:
            self.labels_read += 1
            row = (event_id, json.dumps(self._completed(event_id, values) if None in values else values))
            self._database.execute("INSERT OR REPLACE INTO labels VALUES (?, ?, NULL)", row)

    def _completed(self, event_id: str, values: List[Optional[float]]) -> List[Optional[float]]:
        found = self._database.execute("SELECT label FROM labels WHERE id = ?", (event_id,)).fetchone()
        before = [] if found is None else json.loads(found[0])
        if len(before) != len(values):
            return values
        return [old if new is None else new for old, new in zip(before, values)]

    def add_predictions(self, events: Iterable[Event]) -> None:
        """All labels must be there."""
        for event in events:
            day = event.time.date().isoformat()
            counts = self.days.setdefault(day, Counts())
            counts.rows += len(event.predictions)
            found = self._database.execute("SELECT label, day FROM labels WHERE id = ?", (event.id,)).fetchone()
            if found is None:
                counts.withoutLabel += len(event.predictions)
            elif found[1] is not None:
                counts.repeatedIds += len(event.predictions)
            else:
                self._database.execute("UPDATE labels SET day = ? WHERE id = ?", (day, event.id))
                self._pair(day, counts, event.predictions, json.loads(found[0]))

    def _pair(self, day: str, counts: Counts, predictions: List[str], labels: List[Any]) -> None:
        if len(labels) != len(predictions):
            counts.unfit += len(predictions)
            return
        for prediction, label in zip(predictions, labels):
            number = _number(prediction)
            if label is None:
                counts.withoutLabel += 1
            elif not abs(number) < GREATEST or (self._is_class and not 0 <= number <= 1):
                counts.unfit += 1
            else:
                self._database.execute("INSERT INTO pairs VALUES (?, ?, ?)", (day, number, label))

    def duplicates(self) -> int:
        return self.labels_read - self._count("SELECT COUNT(*) FROM labels")

    def labels_without_capture(self) -> int:
        return self._count("SELECT COUNT(*) FROM labels WHERE day IS NULL")

    def count(self, day: date) -> int:
        return self._count("SELECT COUNT(*) FROM pairs WHERE day = ?", day.isoformat())

    def _count(self, query: str, *values: str) -> int:
        return int(self._database.execute(query, values).fetchone()[0])

    def chunks(self, day: date) -> Iterator[Tuple[np.ndarray, np.ndarray]]:
        """Predictions and labels of a day."""
        query = "SELECT prediction, label FROM pairs WHERE day = ? ORDER BY rowid"
        cursor = self._database.execute(query, (day.isoformat(),))
        while True:
            some = np.asarray(cursor.fetchmany(CHUNK), dtype="float64")
            if len(some) == 0:
                return
            yield some[:, 0], some[:, 1]

    def scores(self, day: date) -> Iterator[Tuple[float, int, int]]:
        """Each prediction of a day, from the least to the greatest, with how often its label was 1 and 0."""
        query = "SELECT prediction, SUM(label = 1), SUM(label = 0) FROM pairs WHERE day = ?"
        return self._database.execute(f"{query} GROUP BY prediction ORDER BY prediction", (day.isoformat(),))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
