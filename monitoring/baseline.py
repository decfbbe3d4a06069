#!/usr/bin/env python3
"""Computes the baseline that later traffic is compared with, as a SageMaker processing job.

Reads the CSV files with header under /opt/ml/processing/input/baseline and writes into /opt/ml/processing/output,
in the formats of SageMaker Model Monitor:

    statistics.json   https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-statistics.html
    constraints.json  https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-constraints.html

Every column is described. The baseline of the PREDICTION is that of the LABEL, total_amount: the training data has no
predictions, so a model that predicts well is taken to predict what the label was. Drift of that column therefore
contains the model's error too.

`buckets` are ten of equal width between the least and the greatest value, as Model Monitor's analyzer makes them: each
counts lower_bound <= value < upper_bound, the last one its upper bound too. `sketch` is a KLL sketch (see kll_sketch),
whose quantiles are true to 0.1 % of the rows: take bins of equal share from it, or a Kolmogorov-Smirnov distance.

Runs in the image sagemaker-scikit-learn 1.2-1 (Python 3.9): standard library, NumPy and pandas only.
SAGEMAKER_BASE_DIR puts another folder in the place of /opt/ml.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from pathlib import Path
from typing import Any, Dict, List

import numpy as np
import pandas as pd

BUCKETS = 10
# The parameters of Model Monitor's own sketches.
KLL_K, KLL_C = 2048, 0.64
# The most frequent values of a text column that are listed; a column with few different ones may have no others later.
LISTED_VALUES = 100
DOMAIN_VALUES = 20

MONITORING_CONFIG = {
    "evaluate_constraints": "Enabled",
    "emit_metrics": "Enabled",
    "datatype_check_threshold": 1.0,
    "domain_content_threshold": 1.0,
    "distribution_constraints": {
        "perform_comparison": "Enabled",
        "comparison_threshold": 0.1,
        "comparison_method": "Robust",
    },
}

# SageMaker shows this much of the message as the job's ExitMessage.
# https://docs.aws.amazon.com/sagemaker/latest/dg/byoc-metadata.html
MESSAGE_BYTES = 1024


class InputError(Exception):
    """What is wrong with the input, said for the person who gave it."""


def read_baseline(folder: Path) -> pd.DataFrame:
    """All rows of the CSV files under `folder`, which must have one and the same header."""
    files = sorted(folder.rglob("*.csv")) if folder.is_dir() else []
    if not files:
        raise InputError(f"no CSV file under {folder}; give the baseline as a processing input there")
    frames: List[pd.DataFrame] = []
    for file in files:
        frame = _read(file)
        if frames and list(frame.columns) != list(frames[0].columns):
            raise InputError(
                f"{file} has the columns {', '.join(frame.columns)}, but {files[0]} has {', '.join(frames[0].columns)}"
            )
        frames.append(frame)
    data = pd.concat(frames, ignore_index=True)
    if data.empty:
        raise InputError(f"{', '.join(map(str, files))}: a header and no rows; there is nothing to describe")
    for name in data.select_dtypes("number").columns:
        if np.isinf(data[name]).any():
            raise InputError(f"column {name} contains infinite values")
    return data


def _read(file: Path) -> pd.DataFrame:
    try:
        _check_width(file)
        # In one piece: of pieces each may have another type, and a text "1" be the number 1.0 in some.
        frame = pd.read_csv(file, index_col=False, low_memory=False)
    except (pd.errors.EmptyDataError, pd.errors.ParserError, UnicodeDecodeError) as error:
        raise InputError(f"{file} cannot be read as CSV: {error}") from error
    names = [str(name) for name in frame.columns]
    # The header of a file without one is its first row; pandas numbers repeated values (`1`, `1.1`).
    if all(_is_number(name) for name in names):
        raise InputError(f"{file} has no header: its first line is {','.join(names)}")
    return frame.set_axis(names, axis=1)


def _check_width(file: Path) -> None:
    """Refuses rows that are longer than the header, of which pandas would read the first columns under wrong names."""
    with file.open(encoding="utf-8", newline="") as opened:
        rows = csv.reader(opened)
        header, first = next(rows, []), next(rows, [])
    if any(first[len(header) :]):
        raise InputError(f"{file}: its rows have {len(first)} fields, and its header names {len(header)} columns")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def inferred_type(values: pd.Series) -> str:
    """Model Monitor's name for what a column holds. Numbers that are all whole are integral, also written as 1.0."""
    present = values.dropna()
    if present.empty:
        return "Unknown"
    if pd.api.types.is_bool_dtype(present) or not pd.api.types.is_numeric_dtype(present):
        return "String"
    return "Integral" if (present == present.round()).all() else "Fractional"


def statistics(data: pd.DataFrame) -> Dict[str, Any]:
    """The content of statistics.json."""
    features = [feature_statistics(name, data[name]) for name in data.columns]
    return {"version": 0.0, "dataset": {"item_count": len(data)}, "features": features}


def feature_statistics(name: str, values: pd.Series) -> Dict[str, Any]:
    """One column's entry of statistics.json. `std_dev` is that of the rows given, not an estimate of a population's."""
    kind = inferred_type(values)
    present = values.dropna()
    common = {"num_present": len(present), "num_missing": len(values) - len(present)}
    if kind in ("Integral", "Fractional"):
        numbers = present.to_numpy(dtype="float64")
        numerical = {
            "common": common,
            "mean": float(numbers.mean()),
            "sum": float(numbers.sum()),
            "std_dev": float(numbers.std()),
            "min": float(numbers.min()),
            "max": float(numbers.max()),
            "distribution": {"kll": {"buckets": buckets(numbers), "sketch": kll_sketch(numbers)}},
        }
        return {"name": name, "inferred_type": kind, "numerical_statistics": numerical}
    counts = present.astype(str).value_counts()
    listed = [{"value": value, "count": int(count)} for value, count in counts.head(LISTED_VALUES).items()]
    string = {
        "common": common,
        "distinct_count": float(len(counts)),
        "distribution": {"categorical": {"buckets": listed}},
    }
    return {"name": name, "inferred_type": kind, "string_statistics": string}


def buckets(numbers: np.ndarray) -> List[Dict[str, float]]:
    """Counts in ten ranges of equal width; in a single one where all values are the same."""
    if numbers.min() == numbers.max():
        value = float(numbers[0])
        return [{"lower_bound": value, "upper_bound": value, "count": float(len(numbers))}]
    counts, edges = np.histogram(numbers, bins=BUCKETS)
    return [
        {"lower_bound": float(low), "upper_bound": float(high), "count": float(count)}
        for low, high, count in zip(edges[:-1], edges[1:], counts)
    ]


def kll_sketch(numbers: np.ndarray) -> Dict[str, Any]:
    """
    A KLL quantile sketch (Karnin, Lang and Liberty, https://arxiv.org/abs/1603.05346): a value in `data[level]` stands
    for 2^level rows, and the weights add up to exactly the number of rows. Room for values shrinks by `c` per level
    below the top, which has `k`. As all rows are at hand, each level is compacted once only: of n rows, a rank is off
    by less than 2 n / k.
    """
    # Which half survives is a matter of chance that must come out the same for the same data.
    rng = np.random.Generator(np.random.PCG64(0))
    levels = [np.sort(numbers)]
    level = 0
    while level < len(levels):
        values = levels[level]
        if len(values) > _room(level, len(levels)):
            odd = len(values) % 2
            halves = values[: len(values) - odd]
            levels[level] = values[len(values) - odd :]
            promoted = halves[rng.integers(2) :: 2]
            if level + 1 == len(levels):
                levels.append(promoted)
            else:
                levels[level + 1] = np.sort(np.concatenate([levels[level + 1], promoted]))
        level += 1
    return {"parameters": {"c": KLL_C, "k": float(KLL_K)}, "data": [values.tolist() for values in levels]}


def _room(level: int, levels: int) -> int:
    return max(2, int(np.ceil(KLL_K * KLL_C ** (levels - 1 - level))))


def constraints(data: pd.DataFrame) -> Dict[str, Any]:
    """The content of constraints.json: what of these rows later ones are expected to share."""
    features = [feature_constraints(name, data[name]) for name in data.columns]
    return {"version": 0.0, "features": features, "monitoring_config": MONITORING_CONFIG}


def feature_constraints(name: str, values: pd.Series) -> Dict[str, Any]:
    """One column's entry of constraints.json."""
    kind = inferred_type(values)
    present = values.dropna()
    entry: Dict[str, Any] = {"name": name, "inferred_type": kind, "completeness": len(present) / len(values)}
    if kind in ("Integral", "Fractional"):
        entry["num_constraints"] = {"is_non_negative": bool((present >= 0).all())}
    elif kind == "String":
        domain = sorted(present.astype(str).unique())
        if len(domain) <= DOMAIN_VALUES:
            entry["string_constraints"] = {"domains": domain}
    return entry


def run(base: Path) -> str:
    """Reads, computes and writes; tells in one line what was done."""
    data = read_baseline(base / "processing" / "input" / "baseline")
    output = base / "processing" / "output"
    output.mkdir(parents=True, exist_ok=True)
    for name, content in (("statistics.json", statistics(data)), ("constraints.json", constraints(data))):
        (output / name).write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return f"baseline of {len(data)} rows with the columns {', '.join(data.columns)}"


def leave_message(base: Path, message: str) -> None:
    """Writes what SageMaker shows as the job's ExitMessage."""
    file = base / "output" / "message"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(message.encode("utf-8")[:MESSAGE_BYTES].decode("utf-8", "ignore").encode("utf-8"))


def main() -> int:
    argparse.ArgumentParser(
        description=(__doc__ or "").split("\n", maxsplit=1)[0],
        epilog="Reads /opt/ml/processing/input/baseline/*.csv and writes "
        "/opt/ml/processing/output/{statistics,constraints}.json. "
        "SAGEMAKER_BASE_DIR puts another folder in the place of /opt/ml.",
    ).parse_args()
    base = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
    try:
        message = run(base)
    except (InputError, OSError) as error:
        leave_message(base, str(error))
        print(f"baseline.py: {error}", file=sys.stderr)
        return 1
    leave_message(base, message)
    print(message)
    return 0


if __name__ == "__main__":
    sys.exit(main())
