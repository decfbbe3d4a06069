#!/usr/bin/env python3
"""Makes up trips of New York's green taxis, in the columns of the Taxi and Limousine Commission (TLC).

The same number of rows and the same seed give the same trips. Their distributions follow green taxis of January 2016:
log-normal distances, durations that follow from them, the metered tariff of that year, tolls, and tips as card payers
gave them. About one row in forty is damaged as real files are (see DAMAGE), so that the filter has work.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

DEFAULT_ROWS = 150_000
DEFAULT_SEED = 2

FIRST_PICKUP = np.datetime64("2016-01-01T00:00:00", "s")
MONTH_SECONDS = 31 * 24 * 3600

PASSENGERS = {1: 0.8486, 2: 0.0717, 3: 0.0233, 4: 0.0051, 5: 0.0364, 6: 0.0149}

# Share of rows with each kind of damage; together 2.5 %, as in the month that the trips are modelled on.
DAMAGE = {
    "distance of 0": 0.0120,
    "24 h trip": 0.0070,
    "nothing charged": 0.0025,
    "refund": 0.0012,
    "passengers missing": 0.0010,
    "0 passengers": 0.0005,
    "0 s trip": 0.0004,
    "absurd distance": 0.0002,
    "absurd total": 0.0002,
}

# Dollars. The tariff of 2016: flag fall and rates give what the meter shows, in steps of half a dollar.
FLAG_FALL, PER_MILE, PER_MINUTE, METER_STEP, LEAST_FARE = 2.0, 1.945, 0.346, 0.5, 2.5
JFK_FARE, TOLL, TAXES = 52.0, 5.76, 0.8  # taxes: state (0.50) and improvement surcharge (0.30)

NEGOTIATED_SHARE, JFK_SHARE = 0.0141, 0.0018
LONG_TRIP_MILES = 8.0
TOLL_SHARE_LONG, TOLL_SHARE = 0.15, 0.01
CARD_SHARE_UP_TO = {1.0: 0.393, 2.0: 0.451, 4.0: 0.540, LONG_TRIP_MILES: 0.599, np.inf: 0.650}
TIPPED_SHARE = 0.8575
# The tip's share of the fare that the card reader suggests; who chooses none of them gives a log-normal one.
TIP_RATIOS = {0.20: 0.503, 0.25: 0.135, 0.30: 0.067, np.nan: 0.295}
# A few tips have nothing to do with the fare; they are much of what no model can explain.
FREAK_TIP_SHARE = 0.001


def make_trips(rows: int = DEFAULT_ROWS, seed: int = DEFAULT_SEED) -> pd.DataFrame:
    """Makes up `rows` trips, damaged ones included, in TLC's columns and order of pickup."""
    # Named, not default_rng(): NumPy may change what that one is.
    rng = np.random.Generator(np.random.PCG64(seed))
    pickup_seconds = np.sort(rng.integers(0, MONTH_SECONDS, rows))
    miles = np.round(np.clip(rng.lognormal(0.6465, 0.8866, rows), 0.01, 50), 2)
    rate = rng.choice(
        ["metered", "negotiated", "jfk"], rows, p=[1 - NEGOTIATED_SHARE - JFK_SHARE, NEGOTIATED_SHARE, JFK_SHARE]
    )
    jfk = rate == "jfk"
    miles[jfk] = np.round(rng.normal(18, 2, jfk.sum()), 2)
    minutes = np.minimum(np.exp(1.79 + 0.754 * np.log(miles) + rng.normal(0, 0.345, rows)), 119)
    seconds = np.maximum(np.round(minutes * 60), 1).astype("int64")
    total = np.round(_total(rng, rate, miles, seconds / 60), 2)
    passengers = _choice(rng, PASSENGERS, rows)

    damage = _damage(rng, rows)
    _spoil(rng, damage, seconds, passengers, miles, total)
    pickup = FIRST_PICKUP + pickup_seconds.astype("timedelta64[s]")
    return pd.DataFrame(
        {
            "lpep_pickup_datetime": pickup,
            "lpep_dropoff_datetime": pickup + seconds.astype("timedelta64[s]"),
            "passenger_count": pd.array(passengers, dtype="Int64"),
            "trip_distance": miles,
            "total_amount": total,
        }
    )


def _total(rng: np.random.Generator, rate: np.ndarray, miles: np.ndarray, minutes: np.ndarray) -> np.ndarray:
    """What the passenger pays: fare, surcharges, toll and, where paid by card, the tip."""
    rows = len(rate)
    metered = FLAG_FALL + PER_MILE * miles + PER_MINUTE * minutes
    fare = np.maximum(np.round((metered + rng.normal(0, 0.6, rows)) / METER_STEP) * METER_STEP, LEAST_FARE)
    negotiated = np.maximum(np.round(metered * np.exp(rng.normal(0.05, 0.45, rows))), LEAST_FARE)
    fare = np.select([rate == "negotiated", rate == "jfk"], [negotiated, JFK_FARE], fare)
    taxes = np.where(rate == "negotiated", 0, TAXES)
    extra = _choice(rng, {0.0: 0.456, 0.5: 0.377, 1.0: 0.167}, rows)
    tolled = rng.random(rows) < np.where(miles > LONG_TRIP_MILES, TOLL_SHARE_LONG, TOLL_SHARE)
    before_tip = fare + taxes + extra + np.where(tolled, TOLL, 0)

    by_distance = np.digitize(miles, list(CARD_SHARE_UP_TO)[:-1], right=True)
    by_card = rng.random(rows) < np.array(list(CARD_SHARE_UP_TO.values()))[by_distance]
    ratio = _choice(rng, TIP_RATIOS, rows)
    ratio = np.where(np.isnan(ratio), rng.lognormal(np.log(0.137), 0.45, rows), ratio)
    tip = np.where(by_card & (rng.random(rows) < TIPPED_SHARE), before_tip * ratio, 0)
    freak = by_card & (rng.random(rows) < FREAK_TIP_SHARE / by_card.mean())
    tip = np.where(freak, rng.lognormal(np.log(14), 0.8, rows), tip)
    return before_tip + tip


def _choice(rng: np.random.Generator, shares: dict[float, float], rows: int) -> np.ndarray:
    """Draws keys by their shares, which need not add up to exactly 1."""
    weights = np.array(list(shares.values()))
    return rng.choice(np.array(list(shares), dtype=float), rows, p=weights / weights.sum())


def _damage(rng: np.random.Generator, rows: int) -> np.ndarray:
    """For each row the index of its damage in DAMAGE, or -1."""
    return rng.choice(np.arange(-1, len(DAMAGE)), rows, p=[1 - sum(DAMAGE.values()), *DAMAGE.values()])


def _spoil(
    rng: np.random.Generator,
    damage: np.ndarray,
    seconds: np.ndarray,
    passengers: np.ndarray,
    miles: np.ndarray,
    total: np.ndarray,
) -> None:
    """Damages the rows chosen for it, in place."""
    at = {kind: damage == index for index, kind in enumerate(DAMAGE)}

    def count(kind: str) -> int:
        return int(at[kind].sum())

    miles[at["distance of 0"]] = 0
    # The meter was left running: some four minutes to three hours short of a whole day.
    seconds[at["24 h trip"]] = rng.integers(21 * 3600, 24 * 3600 - 240, count("24 h trip"))
    total[at["nothing charged"]] = 0
    total[at["refund"]] *= -1
    passengers[at["passengers missing"]] = np.nan
    passengers[at["0 passengers"]] = 0
    seconds[at["0 s trip"]] = 0
    miles[at["absurd distance"]] = np.round(rng.uniform(500, 9000, count("absurd distance")), 2)
    total[at["absurd total"]] = np.round(rng.uniform(200, 3000, count("absurd total")), 2)


def write_trips(trips: pd.DataFrame, file: Path) -> None:
    """Writes trips as CSV or Parquet, as the file's name ends."""
    if file.suffix == ".parquet":
        trips.to_parquet(file, index=False)
    elif file.suffix == ".csv":
        trips.to_csv(file, index=False, lineterminator="\n")
    else:
        raise ValueError(f"the name of {file} must end in .csv or .parquet")


def positive_number(text: str) -> int:
    """A whole number of at least 1, for argparse."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, got {text}")
    return number


def seed_number(text: str) -> int:
    """A seed, for argparse: a whole number of at least 0."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 0, got {text}")
    return int(text)


def main() -> int:
    parser = argparse.ArgumentParser(description="Make up trips of New York's green taxis, dirty rows included.")
    parser.add_argument(
        "--rows", type=positive_number, default=DEFAULT_ROWS, help="how many trips (default: %(default)s)"
    )
    parser.add_argument(
        "--seed", type=seed_number, default=DEFAULT_SEED, help="another seed, other trips (default: %(default)s)"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="a file that ends in .csv or .parquet")
    arguments = parser.parse_args()
    try:
        write_trips(make_trips(arguments.rows, arguments.seed), arguments.out)
    except (OSError, ValueError) as error:
        print(f"trips.py: {error}", file=sys.stderr)
        return 1
    print(f"{arguments.rows} trips written to {arguments.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
