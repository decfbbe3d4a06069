"""Serves a trained XGBoost model as SageMaker's built-in container does: `GET /ping`, `POST /invocations`."""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
from lean_xgboost import xgb
from opt_ml import base_dir, end_with_parent

MAX_CONTENT_LENGTH = int(os.environ.get("MAX_CONTENT_LENGTH", 6 * 1024 * 1024))
ACCEPTED = ("text/csv", "application/json")


class Refused(Exception):
    """What the container answers instead of a prediction."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


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


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    booster: xgb.Booster

    def do_GET(self) -> None:
        self.answer(HTTPStatus.OK if self.path == "/ping" else HTTPStatus.NOT_FOUND, b"", "text/plain")

    def do_POST(self) -> None:
        try:
            if self.path != "/invocations":
                raise Refused(HTTPStatus.NOT_FOUND, f"{self.path} is not served, /invocations is")
            content_type, body = self.predictions()
            self.answer(HTTPStatus.OK if body else HTTPStatus.NO_CONTENT, body, content_type)
        except Refused as refusal:
            self.answer(refusal.status, str(refusal).encode(), "text/html; charset=utf-8")
        except Exception as error:  # a request must be answered whatever happens in the model
            traceback.print_exc()
            self.answer(
                HTTPStatus.INTERNAL_SERVER_ERROR,
                f"{type(error).__name__}: {error}".encode(),
                "text/html; charset=utf-8",
            )

    def predictions(self) -> tuple[str, bytes]:
        length = int(self.headers.get("Content-Length", 0))
        if length > MAX_CONTENT_LENGTH:
            self.discard(length)
            raise Refused(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"the body has {length} bytes, at most {MAX_CONTENT_LENGTH} are taken",
            )
        body = self.rfile.read(length)
        if not body:
            return "text/csv; charset=utf-8", b""
        content_type = self.headers.get("Content-Type", "").split(";")[0].strip().lower()
        if content_type != "text/csv":
            raise Refused(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                f"Content type {content_type or '(none)'} is not supported, the local image takes text/csv",
            )
        answered = accepted_type(self.headers.get("Accept"))
        encoded = encode(predict(self.booster, parse_csv(body)), answered)
        return "text/csv; charset=utf-8" if answered == "text/csv" else answered, encoded

    def discard(self, length: int) -> None:
        """Reads a body and forgets it: a client that is still sending would miss the answer."""
        while length > 0:
            length -= len(self.rfile.read(min(length, 65536))) or length

    def answer(self, status: HTTPStatus, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        # Health checks would drown the requests.
        if self.path != "/ping":
            print(f"{self.address_string()} - {format % args}", flush=True)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    port = int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080"))
    try:
        Handler.booster = load_model(base_dir() / "model")
    except (OSError, xgb.core.XGBoostError) as error:
        sys.exit(f"Unable to load model: {str(error).splitlines()[0]}")
    server = Server(("127.0.0.1", port), Handler)
    print(f"Model loaded successfully; serving on port {port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    end_with_parent()
    main()
