"""Trains XGBoost as SageMaker's built-in algorithm does.

Reads CSV without header, the label first, from the channels `train` and, where there is one, `validation`.
"""

from __future__ import annotations

import os
import traceback
from pathlib import Path

import numpy as np
from hyperparameters import validated
from lean_xgboost import xgb
from opt_ml import ALGORITHM_ERROR, CLIENT_ERROR, ClientError, base_dir, end_with_parent, fail, read_config

CSV_TYPES = ("csv", "text/csv")


class MetricLines(xgb.callback.TrainingCallback):
    """Prints a round's metrics as the metric definitions read them; `#011` is how CloudWatch shows a tab."""

    def after_iteration(
        self, model: xgb.Booster, epoch: int, evals_log: xgb.callback.TrainingCallback.EvalsLog
    ) -> bool:
        scores = [
            f"{channel}-{metric}:{_last(values):.5f}"
            for channel, metrics in evals_log.items()
            for metric, values in metrics.items()
        ]
        print("#011".join([f"[{epoch}]", *scores]), flush=True)
        return False


def _last(values: list) -> float:
    last = values[-1]
    return last[0] if isinstance(last, tuple) else last


def read_channel(name: str, content_type: str) -> xgb.DMatrix | None:
    """The rows of a channel, or None where the job has no such channel."""
    folder = base_dir() / "input" / "data" / name
    if not folder.is_dir():
        return None
    if content_type.split(";")[0].strip().lower() not in CSV_TYPES:
        raise ClientError(
            f"channel {name}: content type '{content_type}' is not supported, "
            f"the local image reads {' and '.join(CSV_TYPES)}"
        )
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if not files:
        raise ClientError(f"channel {name}: no file found in {folder}")
    rows = np.concatenate([read_csv(path) for path in files])
    if rows.shape[1] < 2:
        raise ClientError(f"channel {name}: a row must be a label and at least one feature, got {rows.shape[1]} column")
    return xgb.DMatrix(rows[:, 1:], label=rows[:, 0], nthread=1)


def read_csv(path: Path) -> np.ndarray:
    def number(text: str) -> float:
        return float(text) if text.strip() else np.nan

    try:
        try:
            return np.loadtxt(path, delimiter=",", ndmin=2, dtype=np.float32)
        except ValueError:  # an empty field is a missing value, which the fast reader does not know
            return np.loadtxt(path, delimiter=",", ndmin=2, dtype=np.float32, converters=number, encoding="utf-8")
    except ValueError as error:
        raise ClientError(f"{path.name} is not CSV of numbers without a header: {error}") from error


def train(hyperparameters: dict, training: xgb.DMatrix, validation: xgb.DMatrix | None) -> xgb.Booster:
    parameters = dict(hyperparameters)
    rounds = parameters.pop("num_round")
    patience = parameters.pop("early_stopping_rounds", None)
    if parameters.get("objective") == "reg:linear":
        print("WARNING: reg:linear is now deprecated in favor of reg:squarederror.", flush=True)
        parameters["objective"] = "reg:squarederror"
    callbacks: list[xgb.callback.TrainingCallback] = [MetricLines()]
    if patience is not None:
        judged_by = "train" if validation is None else "validation"
        callbacks.append(xgb.callback.EarlyStopping(rounds=patience, data_name=judged_by, save_best=True))
    channels = [(training, "train")] + ([] if validation is None else [(validation, "validation")])
    return xgb.train(
        {**parameters, "nthread": 1},
        training,
        num_boost_round=rounds,
        evals=channels,
        callbacks=callbacks,
        verbose_eval=False,
    )


def main() -> None:
    hyperparameters = validated(read_config("hyperparameters"))
    channels = read_config("inputdataconfig")

    def channel(name: str) -> xgb.DMatrix | None:
        # Without a content type the built-in algorithm expects libsvm.
        return read_channel(name, channels.get(name, {}).get("ContentType", "text/libsvm"))

    training = channel("train")
    if training is None:
        raise ClientError("the job has no channel named train")
    validation = channel("validation")
    print(f"INFO:root:Train matrix has {training.num_row()} rows", flush=True)
    if validation is not None:
        print(f"INFO:root:Validation matrix has {validation.num_row()} rows", flush=True)
    booster = train(hyperparameters, training, validation)
    model = base_dir() / "model"
    model.mkdir(parents=True, exist_ok=True)
    # XGBoost chooses the format by the file's ending, SageMaker's own name has none.
    booster.save_model(model / "xgboost-model.ubj")
    os.replace(model / "xgboost-model.ubj", model / "xgboost-model")


if __name__ == "__main__":
    end_with_parent()
    try:
        main()
    except ClientError as error:
        fail(str(error), CLIENT_ERROR)
    except Exception as error:  # whatever else went wrong is the algorithm's failure, and its reason must reach the job
        traceback.print_exc()
        fail(f"{type(error).__name__}: {error}", ALGORITHM_ERROR)
