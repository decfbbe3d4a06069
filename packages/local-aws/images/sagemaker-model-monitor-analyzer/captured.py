"""Rows of captured requests, by the record preprocessor of whoever made the schedule if there is one."""

from __future__ import annotations

import importlib.util
import inspect
import json
import logging
from datetime import datetime
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

Row = List[str]
Handler = Callable[["CapturedData"], Any]


class AnalysisError(Exception):
    """Why nothing could be analyzed."""


class EventMetadata:
    """https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-pre-and-post-processing.html has these classes."""

    def __init__(self, event: Dict[str, Any]) -> None:
        self.event_id = event.get("eventId")
        self.event_time = event.get("inferenceTime")
        self.custom_attribute = event.get("customAttributes")


class EventData:
    def __init__(self, data: Dict[str, Any]) -> None:
        self.encoding = data.get("encoding")
        self.data = data.get("data")
        self.observedContentType = data.get("observedContentType")
        self.mode = data.get("mode")


class CapturedData:
    """What a record preprocessor is called with."""

    def __init__(self, event_dict: Dict[str, Any]) -> None:
        captured = event_dict.get("captureData", {})
        self.event_metadata = EventMetadata(event_dict.get("eventMetadata", {}))
        self.endpoint_input = EventData(captured["endpointInput"]) if "endpointInput" in captured else None
        self.endpoint_output = EventData(captured["endpointOutput"]) if "endpointOutput" in captured else None
        self.event_version = event_dict.get("eventVersion")
        self.event_dict = event_dict


def preprocessor(script: Optional[str]) -> Handler:
    if script is None:
        return _joined
    spec = importlib.util.spec_from_file_location("record_preprocessor", script)
    if spec is None or spec.loader is None:
        raise AnalysisError(f"{script} is no Python program")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    handler = module.preprocess_handler
    wants_logger = len(inspect.signature(handler).parameters) > 1
    return (lambda record: handler(record, logging.getLogger("preprocessor"))) if wants_logger else handler


def rows(source: Path, window: Tuple[datetime, datetime], handler: Handler) -> Iterator[Row]:
    """Those of the window, in the order of their columns: what a handler returns has its keys sorted."""
    start, end = window
    for file in sorted(source.rglob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            record = CapturedData(json.loads(line))
            answered = datetime.fromisoformat(str(record.event_metadata.event_time).replace("Z", "+00:00"))
            if start <= answered < end:
                found = handler(record)
                for row in found if isinstance(found, list) else [found]:
                    yield ["" if row[key] is None else str(row[key]) for key in sorted(row)]


def _joined(record: CapturedData) -> List[Dict[str, str]]:
    """The output's columns before the input's, one row for each line of CSV."""
    sides = [side for side in (record.endpoint_output, record.endpoint_input) if side is not None]
    if any(side.encoding != "CSV" for side in sides):
        raise AnalysisError(f"Error: encoding mismatch: only CSV is read, got {[side.encoding for side in sides]}")
    lines = zip(*(side.data.strip().splitlines() for side in sides))
    return [{str(at).zfill(20): cell for at, cell in enumerate(",".join(parts).split(","))} for parts in lines]
