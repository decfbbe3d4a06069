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
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from trips import DEFAULT_ROWS, DEFAULT_SEED, make_trips, positive_number, seed_number

# The target, then the model's inputs in the order in which it is sent them.
COLUMNS = ["total_amount", "duration_minutes", "passenger_count", "trip_distance"]

# A trip outside these bounds (both excluded) is an outlier: a refund, a meter left running, a slipped decimal point.
BOUNDS = {
    "total_amount": (0, 200),
    "duration_minutes": (0, 120),
    "trip_distance": (0, 121),
    "passenger_count": (0, math.inf),
}

HELD_OUT_SHARE = 0.20  # of all rows, for validation and test
TEST_SHARE = 0.05  # of what is held out
SPLIT_SEED = 42
# Fewer rows than this leave one of the three splits empty.
LEAST_ROWS = 10


class InputError(Exception):
    """What is wrong with the trips, said for the person who gave them."""


def read_trips(file: Path) -> pd.DataFrame:
    """
    Reads the columns this model needs of one file, with times as `pickup` and `dropoff`. Green taxis say `lpep_`,
    yellow ones `tpep_`; files of some years write names in capitals or with blanks around them.
    """
    names = {name.strip().lower(): name for name in _column_names(file)}
    prefix = "tpep" if "tpep_pickup_datetime" in names and "lpep_pickup_datetime" not in names else "lpep"
    wanted = {
        f"{prefix}_pickup_datetime": "pickup",
        f"{prefix}_dropoff_datetime": "dropoff",
        "passenger_count": "passenger_count",
        "trip_distance": "trip_distance",
        "total_amount": "total_amount",
    }
    missing = [name for name in wanted if name not in names]
    if missing:
        raise InputError(f"{file} has no column {', '.join(missing)}; it has {', '.join(names.values()) or 'none'}")
    columns = [names[name] for name in wanted]
    trips = _read_columns(file, columns)[columns].set_axis(list(wanted.values()), axis=1)
    for time in ("pickup", "dropoff"):
        trips[time] = _converted(file, names[f"{prefix}_{time}_datetime"], trips[time], pd.to_datetime)
    for number in ("passenger_count", "trip_distance", "total_amount"):
        # Nullable integers, as TLC's Parquet files have them, become floats: NaN is what is missing everywhere below.
        trips[number] = _converted(file, number, trips[number], pd.to_numeric).astype("float64")
    return trips


def _is_parquet(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(4) == b"PAR1"


def _column_names(file: Path) -> list[str]:
    try:
        if _is_parquet(file):
            # Imported where it is needed: made-up trips and CSV need none of it.
            from pyarrow.parquet import read_schema

            return read_schema(file).names
        return [str(name) for name in pd.read_csv(file, nrows=0, index_col=False).columns]
    except ValueError as error:
        raise InputError(f"{file} cannot be read as CSV or Parquet: {error}") from error


def _read_columns(file: Path, columns: list[str]) -> pd.DataFrame:
    try:
        if _is_parquet(file):
            return pd.read_parquet(file, columns=columns)
        # index_col=False: in some years rows end in a comma more than the header does.
        return pd.read_csv(file, usecols=columns, index_col=False)
    except ValueError as error:
        raise InputError(f"{file} cannot be read as CSV or Parquet: {error}") from error


def _converted(file: Path, name: str, values: pd.Series, convert: Callable[[pd.Series], pd.Series]) -> pd.Series:
    try:
        return convert(values)
    except (ValueError, TypeError) as error:
        # The first line says which value; what follows is advice for programmers.
        reason = str(error).split("\n", maxsplit=1)[0]
        raise InputError(f"column {name} of {file} cannot be read: {reason}") from error


def features(trips: pd.DataFrame) -> pd.DataFrame:
    """The model's columns of the trips that are no outliers."""
    # The seconds without the days, as the published model does it: of a gap of days only what exceeds them counts.
    minutes = (trips["dropoff"] - trips["pickup"]).dt.seconds / 60
    data = trips.assign(duration_minutes=minutes)[COLUMNS]
    keep = np.logical_and.reduce([data[name].gt(low) & data[name].lt(high) for name, (low, high) in BOUNDS.items()])
    # A missing value is within no bounds, so none is left; what counts people can be whole again.
    data = data[keep]
    return data.assign(passenger_count=data["passenger_count"].astype("int64"))


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


def prepare(files: list[Path], rows: int, seed: int, out: Path) -> dict[str, object]:
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
    data = features(trips)
    if len(data) < LEAST_ROWS:
        raise InputError(
            f"only {len(data)} of {len(trips)} trips are left without outliers and incomplete ones; "
            f"at least {LEAST_ROWS} are needed"
        )
    return {
        "source": source,
        "rowsRead": len(trips),
        "rowsKept": len(data),
        "splits": write_splits(data, out),
        "out": str(out),
    }


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
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the four CSV files go")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    arguments = parser.parse_args()
    try:
        summary = prepare(arguments.data, arguments.rows, arguments.seed, arguments.out)
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
    return 0


if __name__ == "__main__":
    sys.exit(main())
