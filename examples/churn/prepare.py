#!/usr/bin/env python3
"""Makes up customers, or reads them from CSV files, and writes what the model is trained, checked and tested on."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd

from training.columns import INPUTS, TARGET

PLEASED = ["", "", "", "all fine", "fast, and friendly", 'they say "never down"']
ANGRY = ["", "too expensive", "slow, again", "nobody answers", "too expensive, and slow"]


def make_customers(rows: int, seed: int) -> pd.DataFrame:
    """Customers who leave for reasons that most columns hint at. The same seed gives the same customers."""
    rng = np.random.Generator(np.random.PCG64(seed))
    data = pd.DataFrame(
        {
            "tenure_months": rng.integers(0, 73, rows),
            "monthly_charge": np.round(rng.uniform(15, 120, rows), 2),
            "age": rng.integers(18, 96, rows).astype(float),
            "support_calls": rng.poisson(1.2, rows),
            "late_payments": rng.poisson(0.6, rows),
            "data_gb": np.round(rng.gamma(2, 15, rows), 1),
            "contract": rng.choice(["monthly", "one year", "two years"], rows, p=[0.55, 0.25, 0.2]),
            "payment": rng.choice(["card", "transfer", "cheque"], rows, p=[0.5, 0.3, 0.2]),
            "internet": rng.choice(["dsl", "fibre", "mobile", ""], rows, p=[0.3, 0.4, 0.2, 0.1]),
            "region": rng.choice(["north", "south", "east", "west"], rows),
        }
    )
    data["total_charge"] = np.round(data["tenure_months"] * data["monthly_charge"], 2)
    bound = data["contract"].map({"monthly": 0.0, "one year": 1.3, "two years": 2.4})
    pull = 0.02 * data["monthly_charge"] + 0.5 * data["support_calls"] + 0.5 * data["late_payments"] - bound
    chance = 1 / (1 + np.exp(-(pull - 0.04 * data["tenure_months"] + 0.5 * (data["payment"] == "cheque") - 1.4)))
    left = rng.random(rows) < chance
    angry = rng.random(rows) < np.where(left, 0.7, 0.15)
    data["comment"] = np.where(angry, rng.choice(ANGRY, rows), rng.choice(PLEASED, rows))
    for column, share in {"age": 0.1, "data_gb": 0.15, "total_charge": 0.05}.items():
        data.loc[rng.random(rows) < share, column] = np.nan
    data[TARGET] = left.astype(int)
    return data[[TARGET, *INPUTS]]


def main() -> None:
    parser = argparse.ArgumentParser(description="Prepare customers: split into train, validation and test.")
    parser.add_argument("--data", type=Path, nargs="+", metavar="FILE", help="CSV files with the columns of model.yaml")
    parser.add_argument("--rows", type=int, default=6000, help="how many customers to make up (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the made-up customers (default: %(default)s)")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the four CSV files go")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    given = parser.parse_args()
    customers = pd.concat(map(pd.read_csv, given.data)) if given.data else make_customers(given.rows, given.seed)
    kept = customers[[TARGET, *INPUTS]].dropna(subset=[TARGET]).sample(frac=1, random_state=given.seed)
    ends = [int(len(kept) * 0.75), int(len(kept) * 0.95)]
    splits = {"train": kept[: ends[0]], "validation": kept[ends[0] : ends[1]], "test": kept[ends[1] :]}
    given.out.mkdir(parents=True, exist_ok=True)
    for name, split in splits.items():
        split.to_csv(given.out / f"{name}.csv", index=False, header=False)
    splits["train"].to_csv(given.out / "baseline.csv", index=False)
    counts = {name: len(split) for name, split in splits.items()}
    summary = {"rowsRead": len(customers), "rowsKept": len(kept), "splits": counts}
    print(json.dumps(summary) if given.json else f"{len(kept)} customers in {given.out}: {counts}")


if __name__ == "__main__":
    main()
