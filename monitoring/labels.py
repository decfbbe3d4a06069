"""Reads ground truth: the id of a request, and the true value of each of its rows.

A file is JSON Lines or CSV, by its name, and may have lines of both kinds of JSON:

    {"eventId": "…", "value": 12.5}     a request of several rows has a list of values, with null for one not known yet
    eventId,value                       in CSV, with or without this header; further rows are further columns
    {"groundTruthData": {"data": "1", "encoding": "CSV"}, "eventMetadata": {"eventId": "…"}, "eventVersion": "0"}

The last is Model Monitor's own:
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-merge.html
"""

from __future__ import annotations

import csv
import json
import math
from typing import Any, Iterable, Iterator, List, Optional, Tuple

from captures import Broken, Seen
from features import GREATEST

# The true value of each row of a request; none where it is not known yet.
Label = Tuple[str, List[Optional[float]]]

CLASSES = {"0": 0.0, "1": 1.0, "false": 0.0, "true": 1.0}


def labels_in(name: str, lines: Iterable[str], is_class: bool, seen: Seen) -> Iterator[Label]:
    """The labels of a file, by its name. @param is_class whether values must be 0 or 1, or false or true"""
    if name.endswith(".csv"):
        read = _csv_line
    elif name.endswith((".jsonl", ".json")):
        read = _json_line
    else:
        seen.complain(f"{name} must be a file .csv, .jsonl or .json")
        return
    for number, line in enumerate(lines, start=1):
        # The mark that Excel puts at the begin of a file.
        line = line[1:] if number == 1 and line.startswith("\ufeff") else line
        if line.strip() == "" or (number == 1 and read is _csv_line and _is_header(line)):
            continue
        try:
            event_id, values = read(line)
            event_id.encode("utf-8")
            label = event_id, [_value(value, is_class) for value in values]
            if event_id == "" or all(value is None for value in label[1]):
                raise Broken("a label without an id or without a value")
        except (Broken, ValueError, RecursionError, csv.Error) as error:
            seen.complain(f"{name}, line {number}: {error}")
            continue
        yield label


def _is_header(line: str) -> bool:
    return line.split(",")[0].strip().strip('"').lower() == "eventid"


def _csv_line(line: str) -> Tuple[str, List[Any]]:
    event_id, *values = next(csv.reader([line.strip()]))
    return event_id.strip(), values


def _json_line(line: str) -> Tuple[str, List[Any]]:
    record = json.loads(line)
    if not isinstance(record, dict):
        raise Broken("no object with eventId and value")
    if "groundTruthData" in record:
        truth, metadata = record["groundTruthData"], record.get("eventMetadata")
        if not isinstance(truth, dict) or not isinstance(metadata, dict):
            raise Broken("groundTruthData and eventMetadata must be objects")
        values = [value for row in csv.reader(str(truth.get("data", "")).splitlines()) for value in row]
        return _id(metadata), values
    value = record.get("value")
    return _id(record), value if isinstance(value, list) else [value]


def _id(record: Any) -> str:
    event_id = record.get("eventId")
    if not isinstance(event_id, str):
        raise Broken("eventId must be a text")
    return event_id


def _value(value: Any, is_class: bool) -> Optional[float]:
    text = "" if value is None else str(value).strip()
    if text == "":
        return None
    number = CLASSES.get(text.lower(), None) if is_class else None
    number = float(text) if number is None else number
    # The square of an error must be a number, too. Of NaN nothing is less.
    if not abs(number) < GREATEST or (is_class and number not in (0, 1)):
        raise Broken(f"the value {text[:40]} is {'neither 0 nor 1' if is_class else f'no number below {GREATEST}'}")
    return number
