#!/usr/bin/env python3
"""Compares a window of a model's traffic with the baseline of its training data, as a SageMaker processing job.

Reads the baseline (statistics.json and constraints.json of baseline.py or of Model Monitor), and the captured traffic
of one endpoint or, with --table, a table such as a batch transform's output. Writes into the output folder:

    drift.json                  how far each column is from the baseline, and what was left out
    statistics.json             https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-statistics.html
    constraint_violations.json  https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-constraints.html

The outcome in drift.json is "compared", "tooFewRows" or "noData". With too few rows nothing is said about drift: there
are no violations, and no metrics of distances. Lines that cannot be read, and rows of the rollout's own probes and of
the canary, are counted and left out.

Memory does not grow with the rows. Runs in the image sagemaker-scikit-learn 1.2-1 (Python 3.9): standard library,
NumPy, pandas and boto3 only.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

from baseline import InputError
from canary import problems_of, without_canary
from captures import Format, Row, Seen, captured_rows, parse_time
from comparison import Baseline, Comparison, compare, read_baselines, violations_file
from features import Column, Numbers
from job import base_folder, end, read_settings, written
from lines import capture_lines
from metrics import put_metrics
from tables import table_rows

# Rows that are counted at once.
CHUNK_ROWS = 50_000

DEFAULTS: Dict[str, Any] = {
    # Column of the baseline that predictions are compared with; the first one, where nothing is said.
    "target": None,
    # How the model answers: `SaneAnswer` in lib/model-format.ts.
    "answer": {"type": "number"},
    "leastRows": 100,
    # Greatest distance that is no drift, and those of single columns.
    "threshold": 0.2,
    "thresholds": {},
    # Columns whose drift counts for the alarm; all, where nothing is said.
    "watched": None,
    # The row that a canary sends, and every how many seconds: `canary` of `DriftMonitor`.
    "canary": None,
}


class Window:
    """What has been counted of a window. @param answer what the model answers"""

    def __init__(self, baselines: List[Baseline], target: str, answer: Dict[str, Any]) -> None:
        self.target = target
        self.columns: Dict[str, Column] = {baseline.name: baseline.column() for baseline in baselines}
        if answer.get("type") == "number":
            # They are no texts, also where the label is one, which they cannot be compared with.
            self.columns[target] = Numbers(target)
        self._inputs = [self.columns[baseline.name] for baseline in baselines if baseline.name != target]
        self.rows = 0

    def count(self, requests: Iterator[Tuple[List[Row], List[str]]]) -> None:
        rows: List[Row] = []
        predictions: List[str] = []
        for some_rows, some_predictions in requests:
            rows += some_rows
            predictions += some_predictions
            self.rows += max(len(some_rows), len(some_predictions))
            if max(len(rows), len(predictions)) >= CHUNK_ROWS:
                self._count_chunk(rows, predictions)
                rows, predictions = [], []
        self._count_chunk(rows, predictions)

    def _count_chunk(self, rows: List[Row], predictions: List[str]) -> None:
        for column, cells in zip(self._inputs, zip(*rows)):
            column.add(cells)
        if predictions:
            self.columns[self.target].add(predictions)


def run(args: argparse.Namespace) -> str:
    """Reads, compares, writes and tells; in one line, what came of it."""
    settings = checked_settings(args)
    baselines = read_baselines(Path(args.baseline))
    names = [baseline.name for baseline in baselines]
    target = settings["target"] = settings["target"] or names[0]
    unknown = unknown_columns(settings, target, names)
    how = Format([name for name in names if name != target], settings["answer"])
    window, seen = Window(baselines, target, settings["answer"]), Seen()
    window.count(requests_of(args, how, settings, seen))
    outcome = "noData" if window.rows == 0 else "tooFewRows" if window.rows < settings["leastRows"] else "compared"
    results: Dict[str, Comparison] = {}
    if outcome == "compared":
        for baseline in baselines:
            threshold = float(settings["thresholds"].get(baseline.name, settings["threshold"]))
            column = window.columns[baseline.name]
            results[baseline.name] = compare(baseline, column, threshold, baseline.name == target)
    report = report_of(args, {**settings, "unknown": unknown}, (window, seen, outcome), results)
    write(Path(args.output), window, report, results)
    if args.schedule is not None:
        put_metrics(args.schedule, args.endpoint, args.end, metrics_of(report), is_live=args.live)
    return summary_of(report, seen)


def checked_settings(args: argparse.Namespace) -> Dict[str, Any]:
    settings = read_settings(args.settings, DEFAULTS)
    target, watched = settings["target"], settings["watched"]
    limits = {
        "threshold": settings["threshold"],
        **{f"thresholds.{name}": limit for name, limit in settings["thresholds"].items()},
    }
    problems = [
        *[
            f"{name} must be a number above 0, got {limit}"
            for name, limit in limits.items()
            if not isinstance(limit, (int, float)) or not limit > 0
        ],
        *([] if target is None or isinstance(target, str) else [f"target must be a text, got {target}"]),
        *([] if watched is None or is_list_of_texts(watched) else [f"watched must name columns, got {watched}"]),
        *problems_of(settings["canary"]),
    ]
    if problems:
        raise InputError("; ".join(problems))
    return settings


def is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 0 and all(isinstance(one, str) for one in value)


def unknown_columns(settings: Dict[str, Any], target: str, names: List[str]) -> List[str]:
    """
    Columns that the settings name and this release does not have: while one release takes over from another, both are
    compared by the same settings. Without its target or anything watched, nothing can be said of a release.
    """
    watched = settings["watched"] or names
    unknown = [name for name in dict.fromkeys([*watched, *settings["thresholds"]]) if name not in names]
    if target not in names or not set(watched) & set(names):
        missing = [name for name in [target, *unknown] if name not in names]
        raise InputError(f"the baseline has no column {', '.join(missing)}: it has {', '.join(names)}")
    return unknown


def requests_of(
    args: argparse.Namespace, how: Format, settings: Dict[str, Any], seen: Seen
) -> Iterator[Tuple[List[Row], List[str]]]:
    if args.table is not None:
        return table_rows(Path(args.table), how, settings["target"])
    try:
        window = (parse_time(args.start), parse_time(args.end))
    except (ValueError, AttributeError) as error:
        raise InputError(f"--from and --to must be times such as 2026-03-01T12:00:00Z: {error}") from error
    if args.endpoint is None or args.captures is None or window[0] >= window[1]:
        raise InputError("--captures and --endpoint must be given, and --from must be before --to")
    lines = capture_lines(args.captures, args.endpoint, window)
    return without_canary(captured_rows(lines, window, how, seen), settings["canary"], window, seen)


def report_of(
    args: argparse.Namespace,
    settings: Dict[str, Any],
    counted: Tuple[Window, Seen, str],
    results: Dict[str, Comparison],
) -> Dict[str, Any]:
    """The content of drift.json."""
    window, seen, outcome = counted
    watched = settings["watched"] or list(results)
    features = {name: {**result.written(), "watched": name in watched} for name, result in results.items()}
    return {
        "version": 1,
        "endpoint": args.endpoint,
        "release": args.release,
        "from": args.start,
        "to": args.end,
        "outcome": outcome,
        "rows": window.rows,
        "leastRows": settings["leastRows"],
        "probesLeftOut": seen.probes,
        "canaryLeftOut": seen.canary,
        "brokenLines": seen.broken,
        "firstComplaint": seen.first_complaint,
        "unknownColumns": settings["unknown"],
        "violated": any(feature["violated"] for feature in features.values()),
        "features": features,
    }


def write(output: Path, window: Window, report: Dict[str, Any], results: Dict[str, Comparison]) -> None:
    """Without a comparison there is no list of violations: an empty one would say that all is well."""
    files: Dict[str, Any] = {"drift.json": report}
    if report["outcome"] != "noData":
        features = [column.statistics() for column in window.columns.values()]
        files["statistics.json"] = {"version": 0.0, "dataset": {"item_count": window.rows}, "features": features}
    if report["outcome"] == "compared":
        files["constraint_violations.json"] = violations_file(results)
    output.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (output / name).write_text(written(content), encoding="utf-8")


def metrics_of(report: Dict[str, Any]) -> Dict[str, float]:
    """The metrics by name. Where nothing was compared there is no distance, rather than a small one."""
    features = report["features"].items()
    distances = {name: feature["distance"] for name, feature in features if feature["distance"] is not None}
    shares: List[float] = [
        feature["distance"] / feature["threshold"]
        for _, feature in features
        if feature["watched"] and feature["distance"] is not None
    ]
    return {
        **{f"feature_baseline_drift_{name}": distance for name, distance in distances.items()},
        **({"drift_over_threshold": max(shares)} if shares else {}),
        "drift_rows": report["rows"],
        "drift_broken_lines": report["brokenLines"],
    }


def summary_of(report: Dict[str, Any], seen: Seen) -> str:
    found = [
        f"{name} (distance {feature['distance']:.3f})" if feature["distance"] is not None else name
        for name, feature in report["features"].items()
        if feature["violated"]
    ]
    said = {
        "noData": "no data",
        "tooFewRows": f"{report['rows']} rows, fewer than the {report['leastRows']} that a comparison needs",
        "compared": f"{report['rows']} rows: {'violated by ' + ', '.join(found) if found else 'as the baseline'}",
    }[report["outcome"]]
    counts = {"probes": seen.probes, "the canary": seen.canary}
    left_out = [f"{count} rows of {what} left out" for what, count in counts.items() if count > 0]
    broken = [f"{seen.broken} broken lines, the first: {seen.first_complaint}"] if seen.broken > 0 else []
    unknown = [f"no column {name} in this release" for name in report["unknownColumns"]]
    return "; ".join([said, *left_out, *broken, *unknown])


def arguments() -> argparse.Namespace:
    base = base_folder() / "processing"
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--baseline", default=str(base / "input" / "baseline"), help="folder of the baseline's files")
    parser.add_argument("--output", default=str(base / "output"), help="folder of the reports")
    parser.add_argument("--settings", help="file of settings, JSON; they are listed at the head of drift.py")
    parser.add_argument("--captures", help="folder or S3 URI that the captures of all endpoints are below")
    parser.add_argument("--endpoint", help="name of the endpoint")
    parser.add_argument("--release", help="release that it serves, for the report")
    parser.add_argument("--from", dest="start", help="begin of the window, such as 2026-03-01T12:00:00Z")
    parser.add_argument("--to", dest="end", help="end of the window, which does not belong to it")
    parser.add_argument("--table", help="folder of CSV files that takes the place of captures")
    parser.add_argument("--schedule", help="name that metrics are put under; without it none are put")
    parser.add_argument("--live", action="store_true", help="whether the alarm's metrics are put too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(end("drift.py", run, arguments()))
