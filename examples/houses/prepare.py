#!/usr/bin/env python3
"""Makes up houses, or reads them from CSV files, and writes what the model is trained, checked and tested on."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd

# The target, then the model's inputs in the order in which it is sent them.
COLUMNS = ["price", "area_m2", "rooms", "age_years", "centre_km", "garden_m2"]


def make_houses(rows: int, seed: int) -> pd.DataFrame:
    """Houses whose prices follow from area, age and place, but for what no column says. The same seed gives the same houses."""
    rng = np.random.Generator(np.random.PCG64(seed))
    centre = np.round(rng.gamma(2, 5, rows).clip(0, 40), 1)
    area = np.round(rng.normal(110, 40, rows).clip(30, 300))
    rooms = np.round(area / 25 + rng.normal(0, 0.7, rows)).clip(1, 12)
    age = np.round(rng.exponential(35, rows).clip(0, 120))
    garden = np.round(np.where(centre < 3, 0, rng.exponential(25 * centre)).clip(0, 2000))
    price = 40 + area * (4.2 - 0.06 * centre) * np.exp(-age / 200) + 6 * rooms + 0.05 * garden
    price = np.round(price * rng.normal(1, 0.08, rows)).clip(20)
    return pd.DataFrame(dict(zip(COLUMNS, [price, area, rooms, age, centre, garden])))


def main() -> None:
    parser = argparse.ArgumentParser(description="Prepare houses: filter, split into train, validation and test.")
    parser.add_argument("--data", type=Path, nargs="+", metavar="FILE", help=f"CSV files with {', '.join(COLUMNS)}")
    parser.add_argument("--rows", type=int, default=6000, help="how many houses to make up (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the made-up houses (default: %(default)s)")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the four CSV files go")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    given = parser.parse_args()
    houses = pd.concat(map(pd.read_csv, given.data)) if given.data else make_houses(given.rows, given.seed)
    kept = houses[COLUMNS].dropna().sample(frac=1, random_state=given.seed)
    ends = [int(len(kept) * 0.8), int(len(kept) * 0.95), len(kept)]
    splits = dict(zip(["train", "validation", "test"], [kept[: ends[0]], kept[ends[0] : ends[1]], kept[ends[1] :]]))
    given.out.mkdir(parents=True, exist_ok=True)
    for name, split in splits.items():
        split.to_csv(given.out / f"{name}.csv", index=False, header=False)
    splits["train"].to_csv(given.out / "baseline.csv", index=False)
    counts = {name: len(split) for name, split in splits.items()}
    summary = {"rowsRead": len(houses), "rowsKept": len(kept), "splits": counts}
    print(json.dumps(summary) if given.json else f"{len(kept)} houses in {given.out}: {counts}")


if __name__ == "__main__":
    main()
