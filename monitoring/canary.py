"""Leaves the requests of an API's canary out of a window's traffic.

The canary asks as callers do, so nothing in a capture tells its requests from theirs. What it sends and how often is
known. So as many requests of that row are left out as it sends, and a caller can hide no other by them.
"""

from __future__ import annotations

import csv
import math
from datetime import datetime
from typing import Any, Iterator, List, Tuple, Union

from captures import Row, Seen


def problems_of(canary: Any) -> List[str]:
    """What is wrong with the setting."""
    if canary is None:
        return []
    row, seconds = (canary.get("row"), canary.get("intervalSeconds")) if isinstance(canary, dict) else (None, None)
    is_right = isinstance(row, str) and isinstance(seconds, (int, float)) and seconds > 0
    return [] if is_right else [f"canary must have row, a line of CSV, and intervalSeconds above 0, got {canary}"]


def without_canary(
    requests: Iterator[Tuple[List[Row], List[str]]], canary: Any, window: Tuple[datetime, datetime], seen: Seen
) -> Iterator[Tuple[List[Row], List[str]]]:
    """What callers have sent. @param canary the setting; none where there is no canary"""
    if canary is None:
        yield from requests
        return
    known = _values(next(csv.reader([canary["row"]]), []))
    # One more, since a window may begin with a run.
    most = math.ceil((window[1] - window[0]).total_seconds() / canary["intervalSeconds"]) + 1
    for rows, predictions in requests:
        if seen.canary < most and len(rows) == 1 and _values(rows[0]) == known:
            seen.canary += 1
        else:
            yield rows, predictions


def _values(row: Row) -> List[Union[float, str]]:
    """A row such that 5 and 5.0 are the same."""
    return [_value(cell.strip()) for cell in row]


def _value(cell: str) -> Union[float, str]:
    try:
        return float(cell)
    except ValueError:
        return cell
