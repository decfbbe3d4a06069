"""Serves a model by the functions of a script, as SageMaker's scikit-learn container does.

The script is `SAGEMAKER_PROGRAM` in `SAGEMAKER_SUBMIT_DIRECTORY`. It must have `model_fn`, and may have `input_fn`, `predict_fn` and
`output_fn`, or `transform_fn` for all three. https://github.com/aws/sagemaker-scikit-learn-container
"""

from __future__ import annotations

import csv
import importlib
import io
import json
import os
import sys
import traceback
from collections.abc import Callable
from email.message import Message
from http import HTTPStatus
from types import ModuleType
from typing import Any

import numpy as np
from model_server import TEXT, Refused, serve
from opt_ml import ClientError, base_dir, end_with_parent
from user_code import place

JSON, CSV, NPY = "application/json", "text/csv", "application/x-npy"
# Bodies of these types reach the script as text.
TEXT_TYPES = (JSON, CSV)
# Flask's page for an error of the script; the reason is only in the log.
ERROR_PAGE = "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n<h1>Internal Server Error</h1>\n"


class UnsupportedFormat(Exception):
    """A content type that the container cannot read or write."""

    def __init__(self, content_type: str) -> None:
        super().__init__(f"Content type {content_type} is not supported by this framework.")

    def refused(self, status: HTTPStatus) -> Refused:
        told = {"error": "UnsupportedFormatError", "error-message": str(self)}
        return Refused(status, json.dumps(told), JSON)


def read_csv(text: str) -> np.ndarray:
    # A single row becomes a vector, as in the container, and most models of scikit-learn refuse it.
    return np.array(list(csv.reader(io.StringIO(text), strict=True))).squeeze()


def write_csv(rows: Any) -> str:
    array = np.array(rows)
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(array.reshape(-1, 1) if array.ndim == 1 else array)
    return stream.getvalue()


def write_npy(rows: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, rows)
    return stream.getvalue()


READERS: dict[str, Callable[[Any], np.ndarray]] = {
    JSON: lambda text: np.array(json.loads(text)),
    CSV: read_csv,
    NPY: lambda body: np.load(io.BytesIO(body), allow_pickle=False),
}
WRITERS: dict[str, Callable[[Any], str | bytes]] = {
    JSON: lambda rows: json.dumps(rows, default=lambda array: array.tolist()),
    CSV: write_csv,
    NPY: write_npy,
}


def input_fn(data: Any, content_type: str) -> np.ndarray:
    if content_type not in READERS:
        raise UnsupportedFormat(content_type)
    array = READERS[content_type](data)
    return array.astype(np.float32) if content_type in TEXT_TYPES else array


def predict_fn(data: np.ndarray, model: Any) -> Any:
    return model.predict(data)


def output_fn(prediction: Any, accept: str) -> tuple[str | bytes, str]:
    if accept not in WRITERS:
        raise UnsupportedFormat(accept)
    return WRITERS[accept](prediction), accept


class Transformer:
    """The functions of a script, and the container's own where it has none."""

    def __init__(self, script: ModuleType) -> None:
        self.transform_fn = getattr(script, "transform_fn", None)
        own = [getattr(script, name, None) for name in ("input_fn", "predict_fn", "output_fn")]
        if self.transform_fn and any(own):
            raise ClientError("Cannot use transform_fn implementation with input_fn, predict_fn, and/or output_fn")
        self.input_fn, self.predict_fn, self.output_fn = (
            given or default for given, default in zip(own, (input_fn, predict_fn, output_fn))
        )
        if not hasattr(script, "model_fn"):
            raise ClientError("Please provide a model_fn implementation.")
        self.model = script.model_fn(str(base_dir() / "model"))

    def __call__(self, headers: Message, body: bytes) -> tuple[str, bytes]:
        content_type = headers.get("Content-Type") or JSON
        accept = headers.get("Accept")
        if accept in (None, "", "*/*"):
            accept = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", JSON)
        result = self.transform(body.decode() if content_type in TEXT_TYPES else body, content_type, accept)
        answer, answered = result if isinstance(result, tuple) else (result, TEXT)
        return answered, answer.encode() if isinstance(answer, str) else answer

    def transform(self, content: str | bytes, content_type: str, accept: str) -> Any:
        if self.transform_fn:
            return self.transform_fn(self.model, content, content_type, accept)
        try:
            data = self.input_fn(content, content_type)
        except UnsupportedFormat as unsupported:
            raise unsupported.refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE) from unsupported
        prediction = self.predict_fn(data, self.model)
        try:
            return self.output_fn(prediction, accept)
        except UnsupportedFormat as unsupported:
            raise unsupported.refused(HTTPStatus.NOT_ACCEPTABLE) from unsupported


def load() -> Transformer:
    program = os.environ.get("SAGEMAKER_PROGRAM")
    if program is None:
        raise ClientError("the environment variable SAGEMAKER_PROGRAM must name the script, such as inference.py")
    script = place(os.environ.get("SAGEMAKER_SUBMIT_DIRECTORY", "/opt/ml/model/code"), program)
    return Transformer(importlib.import_module(script.stem))


if __name__ == "__main__":
    end_with_parent()
    try:
        transformer = load()
    except ClientError as error:
        sys.exit(f"Unable to load model: {error}")
    except Exception:  # an error of the script: it must be in the log
        traceback.print_exc()
        sys.exit("Unable to load model: the script failed")
    serve(transformer, told=lambda _: ERROR_PAGE)
