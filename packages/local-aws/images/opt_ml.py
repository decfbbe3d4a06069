"""SageMaker's container contract, as far as every program of an image needs it."""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any, NoReturn

# To SageMaker a training container's exit code is only "zero or not"; the local AWS reads 2 as the user's mistake.
ALGORITHM_ERROR = 1
CLIENT_ERROR = 2


class ClientError(Exception):
    """A mistake of whoever started the job: a wrong hyperparameter, unreadable data."""


def base_dir() -> Path:
    """The folder that stands for `/opt/ml`."""
    return Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))


def local_path(text: str) -> Path:
    """Where a path of a container lies: one below `/opt/ml` in the folder that stands for it."""
    path = Path(text)
    return base_dir() / path.relative_to("/opt/ml") if path.is_relative_to("/opt/ml") else path


def read_config(name: str) -> Any:
    """One of the job's configuration files, such as `hyperparameters`."""
    return json.loads((base_dir() / "input" / "config" / f"{name}.json").read_text(encoding="utf-8"))


def end_with_parent() -> None:
    """Ends this process when its standard input closes: whoever started it has died."""

    def watch() -> None:
        # Not sys.stdin: its lock, held by a daemon thread, makes the interpreter abort at its end.
        while os.read(0, 1024):
            pass
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def fail(message: str, exit_code: int) -> NoReturn:
    """Ends a training program; the first 1024 characters of the message become the job's `FailureReason`."""
    failure = base_dir() / "output" / "failure"
    failure.parent.mkdir(parents=True, exist_ok=True)
    failure.write_text(message, encoding="utf-8")
    print(message, flush=True)
    sys.exit(exit_code)
