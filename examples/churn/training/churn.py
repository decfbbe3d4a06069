"""Trains the model as a SageMaker training job in script mode, and serves it by `model_fn` and its like."""

from __future__ import annotations

import argparse
import io
import os
import shutil
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from columns import CATEGORIES, COMMENT, INPUTS, NUMBERS, TARGET


def make_model(c: float, max_iter: int) -> Pipeline:
    numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    parts = [
        ("numbers", numbers, NUMBERS),
        ("categories", OneHotEncoder(handle_unknown="ignore"), CATEGORIES),
        ("comment", CountVectorizer(min_df=5), COMMENT),
    ]
    return make_pipeline(ColumnTransformer(parts), LogisticRegression(C=c, max_iter=max_iter))


def read_rows(source: io.StringIO | Path, columns: list[str]) -> pd.DataFrame:
    rows = pd.read_csv(source, header=None, names=columns)
    # A missing text is one of the texts; a missing number is for the model to fill in.
    texts = {name: rows[name].fillna("").astype(str) for name in [*CATEGORIES, COMMENT]}
    return rows.astype({name: "float64" for name in NUMBERS}).assign(**texts)


def train(arguments: argparse.Namespace) -> None:
    def split(name: str) -> tuple[pd.DataFrame, pd.Series]:
        file = Path(os.environ[f"SM_CHANNEL_{name.upper()}"]) / f"{name}.csv"
        rows = read_rows(file, [TARGET, *INPUTS])
        return rows[INPUTS], rows[TARGET]

    model = make_model(arguments.C, arguments.max_iter).fit(*split("train"))
    for name in ("train", "validation"):
        inputs, target = split(name)
        # What the regular expressions of `metrics` in model.yaml read.
        print(f"{name}:auc={roc_auc_score(target, model.predict_proba(inputs)[:, 1]):.4f}", flush=True)
    folder = Path(os.environ["SM_MODEL_DIR"])
    joblib.dump(model, folder / "model.joblib")
    # The endpoint's container finds this program here.
    shutil.copytree(Path(__file__).parent, folder / "code", dirs_exist_ok=True)


def model_fn(folder: str) -> Pipeline:
    return joblib.load(Path(folder) / "model.joblib")


def input_fn(body: str, content_type: str) -> pd.DataFrame:
    if content_type != "text/csv":
        raise ValueError(f"rows must be text/csv, got {content_type}")
    return read_rows(io.StringIO(body), INPUTS)


def predict_fn(rows: pd.DataFrame, model: Pipeline) -> np.ndarray:
    return model.predict_proba(rows)[:, 1]


def output_fn(probabilities: np.ndarray, _: str) -> tuple[str, str]:
    return "".join(f"{probability:.6f}\n" for probability in probabilities), "text/csv"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Train a model that tells how likely a customer leaves.")
    # SageMaker's toolkit passes a name of one letter with one hyphen.
    parser.add_argument("-C", type=float, default=1.0, help="inverse of the regularisation's strength")
    parser.add_argument("--max_iter", type=int, default=300)
    train(parser.parse_args())
