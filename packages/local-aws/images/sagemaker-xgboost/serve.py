"""Serves a trained XGBoost model as SageMaker's built-in container does: `GET /ping`, `POST /invocations`."""

from __future__ import annotations

import json
import os
import sys
from email.message import Message
from functools import partial
from http import HTTPStatus
from pathlib import Path

import numpy as np
from lean_xgboost import xgb
from model_server import Refused, serve
from opt_ml import base_dir, end_with_parent

MAX_CONTENT_LENGTH = int(os.environ.get("MAX_CONTENT_LENGTH", 6 * 1024 * 1024))
ACCEPTED = ("text/csv", "application/json")


def load_model(folder: Path) -> xgb.Booster:
    files = sorted(path for path in folder.iterdir() if path.is_file())
    if not files:
        raise FileNotFoundError(f"the model archive has no file; the container expects xgboost-model in {folder}")
    named = folder / "xgboost-model"
    booster = xgb.Booster({"nthread": 1})
    booster.load_model(bytearray((named if named.is_file() else files[0]).read_bytes()))
    return booster


def parse_csv(body: bytes) -> np.ndarray:
    try:
        lines = body.decode("utf-8").strip().splitlines()
        return np.array(
            [[float(field) if field.strip() else np.nan for field in line.split(",")] for line in lines],
            dtype=np.float32,
        )
    except ValueError as error:
        raise Refused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"Loading csv data failed with Exception, please ensure data is in csv format: {error}",
        ) from error


def predict(booster: xgb.Booster, rows: np.ndarray) -> list:
    given, trained = rows.shape[1], booster.num_features()
    if given == trained - 1:
        # SageMaker's container answers this with a number, taking the last column for missing:
        # https://github.com/aws/sagemaker-xgboost-container/issues/410
        rows = np.pad(rows, ((0, 0), (0, 1)), constant_values=np.nan)
    elif given != trained:
        raise Refused(
            HTTPStatus.BAD_REQUEST,
            f"Unable to evaluate payload provided: Feature size of csv inference data {given} is not consistent with "
            f"feature size of trained model {trained}",
        )
    return booster.inplace_predict(rows, validate_features=False).tolist()


def accepted_type(accept: str | None) -> str:
    wanted = [item.split(";")[0].strip().lower() for item in (accept or "*/*").split(",")]
    for item in wanted:
        if item in ACCEPTED:
            return item
        if item in ("", "*/*", "text/*"):
            return "text/csv"
    raise Refused(
        HTTPStatus.NOT_ACCEPTABLE, f"Accept type {accept} is not supported. Please use one of {', '.join(ACCEPTED)}."
    )


def encode(predictions: list, content_type: str) -> bytes:
    if content_type == "application/json":
        return json.dumps({"predictions": [{"score": score} for score in predictions]}).encode()
    rows = [",".join(map(str, row)) if isinstance(row, list) else str(row) for row in predictions]
    return ("\n".join(rows) + "\n").encode()


def invocations(booster: xgb.Booster, headers: Message, body: bytes) -> tuple[str, bytes]:
    if not body:
        return "text/csv; charset=utf-8", b""
    content_type = headers.get("Content-Type", "").split(";")[0].strip().lower()
    if content_type != "text/csv":
        raise Refused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"Content type {content_type or '(none)'} is not supported, the local image takes text/csv",
        )
    answered = accepted_type(headers.get("Accept"))
    encoded = encode(predict(booster, parse_csv(body)), answered)
    return "text/csv; charset=utf-8" if answered == "text/csv" else answered, encoded


def main() -> None:
    try:
        booster = load_model(base_dir() / "model")
    except (OSError, xgb.core.XGBoostError) as error:
        sys.exit(f"Unable to load model: {str(error).splitlines()[0]}")
    serve(partial(invocations, booster), most_bytes=MAX_CONTENT_LENGTH)


if __name__ == "__main__":
    end_with_parent()
    main()
