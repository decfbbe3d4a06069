"""Reads rows of what SageMaker has captured of an endpoint's traffic.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
"""

from __future__ import annotations

import base64
import csv
import io
import json
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Dict, Iterable, Iterator, List, Optional, Tuple

from features import cell

# The `InferenceId` of rows that no caller has sent begins so: `PROBE_INFERENCE_ID` in lib/contract.ts.
PROBE = "safe-deploy-probe-"

# Inputs of a row, without and with its prediction.
Row = List[str]
# Characters of a complaint that are kept: what is wrong may be a caller's own text.
MOST_COMPLAINED = 300


class Broken(Exception):
    """A line of a capture that cannot be used."""


@dataclass(frozen=True)
class Format:
    """How rows and predictions are written."""

    # Names of the model's inputs, in its order.
    inputs: List[str]
    # What the model answers: `SaneAnswer` in lib/model-format.ts.
    answer: Dict[str, Any]


@dataclass(frozen=True)
class Event:
    """A captured request."""

    # Its `inferenceId`, else its `eventId`; empty if it has neither.
    id: str
    time: datetime
    rows: List[Row]
    predictions: List[str]


@dataclass
class Seen:
    """What has been read so far, and what of it was left out."""

    probes: int = 0
    canary: int = 0
    broken: int = 0
    first_complaint: Optional[str] = None

    def complain(self, what: str) -> None:
        self.broken += 1
        # JSON can have halves of characters, which no file can.
        printable = what[:MOST_COMPLAINED].encode("utf-8", "backslashreplace").decode("utf-8")
        self.first_complaint = self.first_complaint or printable


def captured_rows(
    lines: Iterable[str], window: Tuple[datetime, datetime], how: Format, seen: Seen
) -> Iterator[Tuple[List[Row], List[str]]]:
    """Rows of each captured request of the window, and the predictions for them. What was not captured is empty."""
    return ((event.rows, event.predictions) for event in captured_events(lines, window, how, seen))


def captured_events(
    lines: Iterable[str], window: Tuple[datetime, datetime], how: Format, seen: Seen, with_rows: bool = True
) -> Iterator[Event]:
    """The captured requests of the window, without probes. Broken lines are counted and left out."""
    for line in lines:
        if line.strip() == "":
            continue
        try:
            record = _object(json.loads(line))
            metadata = _object(record.get("eventMetadata"))
            time = _time(metadata.get("inferenceTime"))
            if not window[0] <= time < window[1]:
                continue
            rows = _rows(record, how) if with_rows else []
            predictions = _predictions(record, how, len(rows))
            event_id = _id(metadata)
        # What a recursive value or a wrong type makes of a reader is as broken as what is no JSON.
        except (Broken, ValueError, RecursionError, csv.Error) as error:
            seen.complain(str(error))
            continue
        if event_id.startswith(PROBE):
            seen.probes += max(len(rows), len(predictions))
        else:
            yield Event(event_id, time, rows, predictions)


def _object(value: object) -> Dict[str, Any]:
    if not isinstance(value, dict):
        raise Broken("no record of a capture: it has no captureData and eventMetadata")
    return value


def _id(metadata: Dict[str, Any]) -> str:
    """Whatever a caller gives takes the place of SageMaker's own id, as Model Monitor has it."""
    event_id = str(metadata.get("inferenceId") or metadata.get("eventId") or "")
    event_id.encode("utf-8")
    return event_id


def _time(text: object) -> datetime:
    if not isinstance(text, str):
        raise Broken("a record without inferenceTime")
    return parse_time(text)


def parse_time(text: str) -> datetime:
    """A time in UTC. @raise ValueError if it is none such as 2026-03-01T12:00:00Z"""
    time = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return time.replace(tzinfo=timezone.utc) if time.tzinfo is None else time.astimezone(timezone.utc)


def _body(record: Dict[str, Any], side: str) -> Optional[Tuple[str, str]]:
    """Text and media type of a request or an answer; none if it was not captured."""
    found = _object(record.get("captureData")).get(side)
    if found is None:
        return None
    data = _object(found).get("data")
    if not isinstance(data, str):
        raise Broken(f"{side} without data")
    media = str(found.get("observedContentType", "text/csv")).split(";")[0].strip().lower()
    text = base64.b64decode(data, validate=True).decode("utf-8") if found.get("encoding") == "BASE64" else data
    return text[1:] if text.startswith("\ufeff") else text, media


def _rows(record: Dict[str, Any], how: Format) -> List[Row]:
    body = _body(record, "endpointInput")
    if body is None:
        return []
    text, media = body
    rows = list(csv.reader(io.StringIO(text))) if media == "text/csv" else _json_rows(text, media, how.inputs)
    rows = [[value.strip() for value in row] for row in rows if row != []]
    for row in rows:
        if len(row) != len(how.inputs):
            raise Broken(f"a row of {len(row)} values, where the baseline has {len(how.inputs)} inputs")
    return rows


def _json_rows(text: str, media: str, inputs: List[str]) -> List[Row]:
    if media == "application/jsonlines":
        instances: Any = [json.loads(line) for line in text.split("\n") if line.strip() != ""]
    elif media == "application/json":
        instances = json.loads(text)
        if isinstance(instances, dict) and isinstance(instances.get("instances"), list):
            instances = instances["instances"]
    else:
        raise Broken(f"rows of the media type {media}")
    if _is_single_row(instances):
        instances = [instances]
    if not isinstance(instances, list):
        raise Broken("rows in JSON that are neither a list nor an object")
    return [_json_row(instance, inputs) for instance in instances]


def _is_single_row(value: object) -> bool:
    """An object by the columns' names, or a list of values; more rows are a list of such."""
    return isinstance(value, dict) or (isinstance(value, list) and not isinstance(next(iter(value), []), (list, dict)))


def _json_row(instance: object, inputs: List[str]) -> Row:
    if isinstance(instance, dict):
        if not any(name in instance for name in inputs):
            raise Broken("a row in JSON that names none of the inputs")
        return [cell(instance.get(name)) for name in inputs]
    if isinstance(instance, list):
        return [cell(value) for value in instance]
    raise Broken("a row that is neither a list nor an object")


def _predictions(record: Dict[str, Any], how: Format, rows: int) -> List[str]:
    body = _body(record, "endpointOutput")
    kind = how.answer.get("type", "number")
    if body is None or kind == "vector" or (kind == "json" and "path" not in how.answer):
        return []
    text, media = body
    if kind == "json":
        found = _at(json.loads(text), how.answer["path"].split("."))
    elif media == "application/json":
        found = _plain(json.loads(text))
    else:
        found = _separated(text, kind, rows)
    predictions = [cell(value) for value in found]
    if rows > 0 and len(predictions) != rows:
        raise Broken(f"{len(predictions)} predictions for {rows} rows")
    return predictions


def _separated(text: str, kind: str, rows: int) -> List[str]:
    """As handlers/answers.ts reads them: containers write commas, blanks or line ends between predictions."""
    if kind == "number":
        return text.replace(",", " ").split()
    lines = [line.strip() for line in text.splitlines() if line.strip() != ""]
    return next(csv.reader(lines)) if len(lines) == 1 and rows > 1 else [next(csv.reader([line]))[0] for line in lines]


def _plain(value: object) -> List[object]:
    if isinstance(value, dict) and isinstance(value.get("predictions"), list):
        value = value["predictions"]
    values = value if isinstance(value, list) else [value]
    if any(isinstance(one, (list, dict)) for one in values):
        raise Broken("an answer in JSON that is no list of values: say where they are by the answer's path")
    return values


def _at(value: object, path: List[str]) -> List[object]:
    if not path:
        return [value]
    key, rest = path[0], path[1:]
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    return [found for name, member in members if key in ("*", str(name)) for found in _at(member, rest)]
