#!/usr/bin/env python3
"""Turns taxi trips into what the model is trained, checked and tested on.

Reads files of the Taxi and Limousine Commission (TLC), Parquet or CSV, of green or yellow taxis, or makes trips up, and
writes

    train.csv, validation.csv, test.csv   80, 19 and 1 % of the rows; no header, the target first, as XGBoost wants it
    baseline.csv                          the training rows with a header, to compare later traffic with
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from read_trips import NUMBERS, TIMES, InputError, read_trips
from trips import DEFAULT_ROWS, DEFAULT_SEED, make_trips, positive_number, seed_number

# The target, then the model's inputs in the order in which it is sent them.
COLUMNS = ["total_amount", "duration_minutes", "passenger_count", "trip_distance"]

# A trip outside these bounds (both excluded) is an outlier: a refund, a meter left running, a slipped decimal point.
BOUNDS = {
    "total_amount": (0, 200),
    "duration_minutes": (0, 120),
    "trip_distance": (0, 121),
    "passenger_count": (0, 100),
}

HELD_OUT_SHARE = 0.20  # of all rows, for validation and test
TEST_SHARE = 0.05  # of what is held out
SPLIT_SEED = 42
# Fewer rows than this leave one of the three splits empty.
LEAST_ROWS = 10


def features(trips: pd.DataFrame) -> pd.DataFrame:
    """The model's columns of all trips."""
    # The seconds without the days, as the published model does it: of a gap of days only what exceeds them counts.
    minutes = (trips["dropoff"] - trips["pickup"]).dt.seconds / 60
    return trips.assign(duration_minutes=minutes)[COLUMNS]


def sift(trips: pd.DataFrame, month: str | None = None) -> tuple[pd.DataFrame, dict[str, int]]:
    """
    What the model can learn from, and how many trips it cannot, each counted by the first thing wrong with it. A file of
    a month has some trips of others, which are left out if a month is given.
    """
    data = features(trips)
    flaws = {f"{name} is missing": trips[name].isna() for name in (*TIMES, *NUMBERS)}
    if month is not None:
        flaws[f"pickup is not in {month}"] = trips["pickup"].dt.strftime("%Y-%m") != month
    flaws["dropoff is before pickup"] = trips["dropoff"] < trips["pickup"]
    for name, (low, high) in BOUNDS.items():
        flaws[f"{name} is not above {low} and below {high}"] = ~(data[name].gt(low) & data[name].lt(high))
    flaws["passenger_count is no whole number"] = data["passenger_count"] % 1 != 0
    keep = pd.Series(True, index=data.index)
    dropped = {}
    for reason, wrong in flaws.items():
        dropped[reason] = int((keep & wrong).sum())
        keep &= ~wrong
    # Nothing is missing any more, so what counts people can be whole again.
    kept = data[keep].astype({"passenger_count": "int64"})
    return kept, {reason: rows for reason, rows in dropped.items() if rows > 0}


def hold_out(data: pd.DataFrame, share: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Splits rows at random into (kept, held out), exactly as scikit-learn's `train_test_split(data, test_size=share,
    random_state=42)`, which takes longer to import than this whole program runs.
    """
    held_out = math.ceil(share * len(data))
    order = np.random.RandomState(SPLIT_SEED).permutation(len(data))
    return data.iloc[order[held_out:]], data.iloc[order[:held_out]]


def write_splits(data: pd.DataFrame, out: Path) -> dict[str, int]:
    """Writes the four files; tells how many rows each split has."""
    train, held_out = hold_out(data, HELD_OUT_SHARE)
    validation, test = hold_out(held_out, TEST_SHARE)
    out.mkdir(parents=True, exist_ok=True)
    splits = {"train": train, "validation": validation, "test": test}
    for name, rows in splits.items():
        rows.to_csv(out / f"{name}.csv", header=False, index=False, lineterminator="\n")
    header = ",".join(COLUMNS) + "\n"
    (out / "baseline.csv").write_bytes(header.encode() + (out / "train.csv").read_bytes())
    return {name: len(rows) for name, rows in splits.items()}


def month_of_year(text: str) -> str:
    if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text) is None:
        raise argparse.ArgumentTypeError(f"must be a month such as 2018-02, got {text!r}")
    return text


def prepare(files: list[Path], rows: int, seed: int, out: Path, month: str | None = None) -> dict[str, object]:
    """Does it all, and gives the summary that is printed."""
    if files:
        trips = pd.concat([read_trips(file) for file in files], ignore_index=True)
        source: object = [str(file) for file in files]
    else:
        trips = make_trips(rows, seed).rename(
            columns={"lpep_pickup_datetime": "pickup", "lpep_dropoff_datetime": "dropoff"}
        )
        trips["passenger_count"] = trips["passenger_count"].astype("float64")
        source = {"rows": rows, "seed": seed}
    data, dropped = sift(trips, month)
    if len(data) < LEAST_ROWS:
        raise InputError(
            f"only {len(data)} of {len(trips)} trips are left without outliers and incomplete ones; "
            f"at least {LEAST_ROWS} are needed{''.join(f'; {line}' for line in _lines(dropped))}"
        )
    return {
        "source": source,
        "rowsRead": len(trips),
        "rowsKept": len(data),
        "rowsDropped": dropped,
        "splits": write_splits(data, out),
        "out": str(out),
    }


def _lines(dropped: dict[str, int]) -> list[str]:
    return [f"{rows:,} dropped: {reason}" for reason, rows in dropped.items()]


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Prepare taxi trips for training: features, filter, split into train, validation and test."
    )
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="TLC trip files, Parquet or CSV, green or yellow, any mix (default: made-up trips)",
    )
    parser.add_argument(
        "--rows", type=positive_number, default=DEFAULT_ROWS, help="how many trips to make up (default: %(default)s)"
    )
    parser.add_argument(
        "--seed", type=seed_number, default=DEFAULT_SEED, help="of the made-up trips (default: %(default)s)"
    )
    parser.add_argument(
        "--month", type=month_of_year, metavar="YYYY-MM", help="only trips that began in this month (default: all)"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the four CSV files go")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    arguments = parser.parse_args()
    try:
        summary = prepare(arguments.data, arguments.rows, arguments.seed, arguments.out, arguments.month)
    except OSError as error:
        print(f"prepare.py: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    except InputError as error:
        print(f"prepare.py: {error}", file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps(summary))
    else:
        splits = ", ".join(f"{count:,} {name}" for name, count in summary["splits"].items())
        share = summary["rowsKept"] / summary["rowsRead"]
        read_and_kept = f"{summary['rowsRead']:,} trips read, {summary['rowsKept']:,} kept ({share:.1%})"
        print(f"{read_and_kept}: {splits}; in {arguments.out}")
        for line in _lines(summary["rowsDropped"]):
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
