#!/usr/bin/env python3
"""Measures how well a model has predicted, once the true values are known, as a SageMaker processing job.

Joins the captured predictions of one endpoint with labels (labels.py says how they are written), and writes for each
day of the window, in UTC:

    <yyyy-mm-dd>.json  RMSE and bias of numbers; accuracy, F1, AUC and Brier score of classes; with 95 % intervals
    run.json           what was read of captures and labels, and what came of each day

The outcome of a day is "measured", "tooFewPairs" or "noData". With too few pairs nothing is said about the model.
Labels may arrive days late: a day is measured again in each run whose window has it, and written again if its labels
have changed. Labels without a prediction, predictions without a label and broken lines are counted.

Memory does not grow with the rows. Runs in the image sagemaker-scikit-learn 1.2-1 (Python 3.9): standard library,
NumPy, pandas and boto3 only.
"""

from __future__ import annotations

import argparse
import math
import sys
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple

from baseline import InputError
from captures import Format, Seen, captured_events, parse_time
from job import base_folder, end, read_settings, written
from labels import labels_in
from lines import capture_lines, label_files, text_of
from measures import CONFIDENCE, ERRORS, Measures, classification, regression
from metrics import put_metrics
from pairs import Counts, Pairs

DAY = timedelta(days=1)
# Smallest bound by which a limit is divided: a metric must be finite.
LEAST_BOUND = 1e-6

# What is measured of each kind of problem, in Model Monitor's words. The first is what the alarm watches.
MEASURES = {"Regression": ["rmse"], "BinaryClassification": ["auc", "f1", "accuracy", "brier"]}

DEFAULTS: Dict[str, Any] = {
    "problemType": "Regression",
    # How the model answers: `SaneAnswer` in lib/model-format.ts.
    "answer": {"type": "number"},
    "leastPairs": 100,
    # The least probability that is taken for class 1.
    "probabilityThreshold": 0.5,
    # What the alarm watches, and the greatest error or the least score that is well.
    "measure": None,
    "limit": None,
}


@dataclass(frozen=True)
class Limit:
    """What a measure is held against."""

    measure: str
    value: Optional[float]

    def over(self, measures: Measures) -> Optional[float]:
        """
        How far the better end of the interval is from the limit: above 1 is worse than the limit by more than chance.
        """
        estimate = measures.get(self.measure)
        if self.value is None or estimate is None or estimate.lower is None or estimate.upper is None:
            return None
        if self.measure in ERRORS:
            return estimate.lower / max(self.value, LEAST_BOUND)
        return self.value / max(estimate.upper, LEAST_BOUND)


def run(args: argparse.Namespace) -> str:
    """Reads, joins, measures, writes and tells; in one line, what came of it."""
    settings = checked_settings(args)
    window = window_of(args)
    is_class = settings["problemType"] == "BinaryClassification"
    of_captures, of_labels = Seen(), Seen()
    pairs = Pairs(is_class)
    try:
        for name, lines in label_files(args.labels, window[0]):
            pairs.add_labels(labels_in(name, lines, is_class, of_labels))
        lines = capture_lines(args.captures, args.endpoint, window)
        how = Format([], settings["answer"])
        pairs.add_predictions(captured_events(lines, window, how, of_captures, with_rows=False))
        reports = [report_of(args, settings, pairs, part) for part in days_of(window)]
        read = read_of(pairs, of_captures, of_labels)
    finally:
        pairs.close()
    changed = write(args, reports, read)
    if args.schedule is not None:
        put_metrics(args.schedule, args.endpoint, args.end, metrics_of(reports, read), is_live=args.live)
    return summary_of(reports, read, changed)


def checked_settings(args: argparse.Namespace) -> Dict[str, Any]:
    settings = read_settings(args.settings, DEFAULTS)
    known = MEASURES.get(settings["problemType"])
    if known is None:
        raise InputError(f"problemType must be {' or '.join(MEASURES)}, got {settings['problemType']}")
    measure = settings["measure"] or known[0]
    if measure not in known:
        raise InputError(f"measure must be {' or '.join(known)} of a {settings['problemType']}, got {measure}")
    if settings["leastPairs"] < 1:
        raise InputError(f"leastPairs must be at least 1, got {settings['leastPairs']}")
    limit = settings["limit"] if args.limit is None else args.limit
    if limit is not None and not (isinstance(limit, (int, float)) and math.isfinite(limit)):
        raise InputError(f"the limit must be a number, got {limit}")
    return {**settings, "limit": Limit(measure, limit)}


def window_of(args: argparse.Namespace) -> Tuple[datetime, datetime]:
    try:
        window = (parse_time(args.start).astimezone(timezone.utc), parse_time(args.end).astimezone(timezone.utc))
    except (ValueError, AttributeError) as error:
        raise InputError(f"--from and --to must be times such as 2026-03-01T00:00:00Z: {error}") from error
    if window[0] >= window[1]:
        raise InputError(f"--from must be before --to, got {args.start} and {args.end}")
    return window


def days_of(window: Tuple[datetime, datetime]) -> Iterator[Tuple[datetime, datetime]]:
    """The window's part of each day."""
    start, stop = window
    while start < stop:
        midnight = start.replace(hour=0, minute=0, second=0, microsecond=0) + DAY
        yield start, min(midnight, stop)
        start = midnight


def report_of(
    args: argparse.Namespace, settings: Dict[str, Any], pairs: Pairs, part: Tuple[datetime, datetime]
) -> Dict[str, Any]:
    """The content of a day's file. It is the same as long as captures and labels are."""
    day = part[0].date()
    counts, count = pairs.days.get(day.isoformat(), Counts()), pairs.count(day)
    outcome = "noData" if counts.rows == 0 else "tooFewPairs" if count < settings["leastPairs"] else "measured"
    measures = measured(settings, pairs, day) if outcome == "measured" else {}
    limit = settings["limit"]
    over = limit.over(measures)
    return {
        "version": 1,
        "endpoint": args.endpoint,
        "release": args.release,
        "date": day.isoformat(),
        "from": in_utc(part[0]),
        "to": in_utc(part[1]),
        "outcome": outcome,
        "pairs": count,
        "leastPairs": settings["leastPairs"],
        "predictions": counts.written(),
        "confidence": CONFIDENCE,
        "measures": {name: None if one is None else one.written() for name, one in measures.items()},
        "watched": {"measure": limit.measure, "limit": limit.value, "overLimit": over},
        "violated": over is not None and over > 1,
    }


def measured(settings: Dict[str, Any], pairs: Pairs, day: date) -> Measures:
    if settings["problemType"] == "Regression":
        return regression(pairs, day)
    return classification(pairs, day, settings["probabilityThreshold"])


def in_utc(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")


def read_of(pairs: Pairs, of_captures: Seen, of_labels: Seen) -> Dict[str, Any]:
    """What was read in the whole window."""
    return {
        "labels": {
            "read": pairs.labels_read,
            "duplicates": pairs.duplicates(),
            "withoutCapture": pairs.labels_without_capture(),
            "brokenLines": of_labels.broken,
            "firstComplaint": of_labels.first_complaint,
        },
        "captures": {
            "probesLeftOut": of_captures.probes,
            "brokenLines": of_captures.broken,
            "firstComplaint": of_captures.first_complaint,
        },
    }


def write(args: argparse.Namespace, reports: List[Dict[str, Any]], read: Dict[str, Any]) -> List[str]:
    """Writes the days of which nothing was written yet, or something else; their dates."""
    texts = {report["date"]: written(report) for report in reports}
    changed = [
        day
        for day, text in texts.items()
        if args.reports is None or text != text_of(f"{args.reports.rstrip('/')}/{day}.json")
    ]
    told = ("date", "outcome", "pairs", "violated")
    days = [{**{name: report[name] for name in told}, "changed": report["date"] in changed} for report in reports]
    of_run = {"version": 1, "endpoint": args.endpoint, "release": args.release, "from": args.start, "to": args.end}
    output = Path(args.output)
    output.mkdir(parents=True, exist_ok=True)
    (output / "run.json").write_text(written({**of_run, **read, "days": days}), encoding="utf-8")
    for day in changed:
        (output / f"{day}.json").write_text(texts[day], encoding="utf-8")
    return changed


def newest_measured(reports: List[Dict[str, Any]]) -> Optional[Dict[str, Any]]:
    return next((report for report in reversed(reports) if report["outcome"] == "measured"), None)


def metrics_of(reports: List[Dict[str, Any]], read: Dict[str, Any]) -> Dict[str, float]:
    """Metrics by name, without their prefix: the measures of the newest day that has enough labels."""
    newest = newest_measured(reports)
    found: Dict[str, Optional[float]] = {}
    if newest is not None:
        found["over_limit"] = newest["watched"]["overLimit"]
        for name, one in newest["measures"].items():
            if one is not None:
                found.update({name: one["value"], f"{name}_lower": one["lower"], f"{name}_upper": one["upper"]})
    found["pairs"] = sum(report["pairs"] for report in reports)
    found["broken_lines"] = read["labels"]["brokenLines"] + read["captures"]["brokenLines"]
    return {f"model_quality_{name}": value for name, value in found.items() if value is not None}


def summary_of(reports: List[Dict[str, Any]], read: Dict[str, Any], changed: List[str]) -> str:
    newest = newest_measured(reports)
    if newest is None:
        said = f"no day has the {reports[0]['leastPairs']} pairs that a measurement needs"
    else:
        found = {name: one["value"] for name, one in newest["measures"].items() if one is not None}
        values = ", ".join(f"{name} {value:.4g}" for name, value in found.items())
        beyond = ", beyond the limit" if newest["violated"] else ""
        said = f"{newest['date']}: {newest['pairs']} pairs, {values}{beyond}"
    labels = read["labels"]
    told = {"duplicates": "given twice", "withoutCapture": "without a prediction", "brokenLines": "in broken lines"}
    left_out = [f"{labels[name]} labels {text}" for name, text in told.items() if labels[name] > 0]
    complaints = [one["firstComplaint"] for one in read.values() if one["firstComplaint"] is not None]
    first = [f"the first broken line: {complaints[0]}"] if complaints else []
    return "; ".join([said, f"{len(changed)} of {len(reports)} days written", *left_out, *first])


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--captures", required=True, help="folder or S3 URI that all endpoints' captures are below")
    parser.add_argument("--labels", required=True, help="folder or S3 URI of the files of labels")
    parser.add_argument("--endpoint", required=True, help="name of the endpoint")
    parser.add_argument("--from", dest="start", required=True, help="begin of the window, such as 2026-03-01T00:00:00Z")
    parser.add_argument("--to", dest="end", required=True, help="end of the window, which does not belong to it")
    parser.add_argument("--reports", help="folder or S3 URI of the days that were written before")
    parser.add_argument("--output", default=str(base_folder() / "processing" / "output"), help="folder of the reports")
    parser.add_argument("--settings", help="file of settings, JSON; they are listed at the head of quality.py")
    parser.add_argument("--limit", type=float, help="takes the place of the settings' limit")
    parser.add_argument("--release", help="release that the endpoint serves, for the report")
    parser.add_argument("--schedule", help="name that metrics are put under; without it none are put")
    parser.add_argument("--live", action="store_true", help="whether the alarm's metrics are put too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(end("quality.py", run, arguments()))
