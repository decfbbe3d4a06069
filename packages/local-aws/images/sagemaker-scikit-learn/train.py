"""Runs a training script as SageMaker's scikit-learn container does in script mode.

https://github.com/aws/sagemaker-training-toolkit and https://github.com/aws/sagemaker-scikit-learn-container
"""

from __future__ import annotations

import json
import os
import runpy
import sys
import traceback
from pathlib import Path
from typing import Any

from opt_ml import ALGORITHM_ERROR, ClientError, base_dir, end_with_parent, fail, read_config
from user_code import place

# Hyperparameters of the toolkit itself, which the script does not get.
TOOLKIT = "sagemaker_"
PROGRAM = "sagemaker_program"
DIRECTORY = "sagemaker_submit_directory"


def decoded(text: str) -> Any:
    """The toolkit reads each hyperparameter as JSON, and as text where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def arguments(hyperparameters: dict[str, Any]) -> list[str]:
    """`--name value` for each, in order of the names."""

    def value(given: Any) -> str:
        if isinstance(given, dict):
            return ",".join(f"{key}={item}" for key, item in sorted(given.items()))
        return "" if given is None else str(given)

    named = [(f"--{name}" if len(name) > 1 else f"-{name}", given) for name, given in sorted(hyperparameters.items())]
    return [part for name, given in named for part in (name, value(given))]


def environment(script: Path, hyperparameters: dict[str, Any], arguments: list[str]) -> dict[str, str]:
    """The variables that a script finds its folders and hyperparameters by."""
    base, channels, resources = base_dir(), read_config("inputdataconfig"), read_config("resourceconfig")
    values: dict[str, Any] = {
        "MODEL_DIR": str(base / "model"),
        "INPUT_DIR": str(base / "input"),
        "INPUT_CONFIG_DIR": str(base / "input" / "config"),
        "OUTPUT_DIR": str(base / "output"),
        "OUTPUT_DATA_DIR": str(base / "output" / "data"),
        "OUTPUT_INTERMEDIATE_DIR": str(base / "output" / "intermediate"),
        "CURRENT_HOST": resources["current_host"],
        "HOSTS": resources["hosts"],
        "NETWORK_INTERFACE_NAME": resources["network_interface_name"],
        "NUM_CPUS": os.cpu_count(),
        "NUM_GPUS": 0,
        "LOG_LEVEL": 20,
        "MODULE_NAME": script.stem,
        "MODULE_DIR": str(script.parent),
        "USER_ENTRY_POINT": script.name,
        "USER_ARGS": arguments,
        "INPUT_DATA_CONFIG": channels,
        "CHANNELS": sorted(channels),
        "HPS": hyperparameters,
        **{f"CHANNEL_{name.upper()}": str(base / "input" / "data" / name) for name in channels},
        **{f"HP_{name.upper()}": value for name, value in hyperparameters.items()},
    }
    return {f"SM_{name}": variable(value) for name, value in values.items()}


def variable(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def main() -> None:
    hyperparameters = {name: decoded(text) for name, text in read_config("hyperparameters").items()}
    for name in (PROGRAM, DIRECTORY):
        if not isinstance(hyperparameters.get(name), str):
            raise ClientError(f"hyperparameter {name} must name the script to run, as JSON text")
    script = place(hyperparameters[DIRECTORY], hyperparameters[PROGRAM])
    own = {name: value for name, value in hyperparameters.items() if not name.startswith(TOOLKIT)}
    given = arguments(own)
    os.environ.update(environment(script, own, given))
    (base_dir() / "output" / "data").mkdir(parents=True, exist_ok=True)
    os.chdir(script.parent)
    sys.argv = [str(script), *given]
    print(f"Invoking user training script: {script.name} {' '.join(given)}", flush=True)
    run(script, given)


def run(script: Path, given: list[str]) -> None:
    """Runs the script; tells why it failed in the toolkit's words."""
    try:
        runpy.run_path(str(script), run_name="__main__")
    except SystemExit as end:
        if end.code not in (None, 0):
            refuse(script, given, end.code if isinstance(end.code, int) else 1, str(end.code))
    except Exception as error:  # the script's own failure must reach the job
        traceback.print_exc()
        refuse(script, given, 1, f"{type(error).__name__}: {error}")


def refuse(script: Path, given: list[str], code: int, message: str) -> None:
    command = " ".join(["python", script.name, *given])
    fail(f'ExecuteUserScriptError:\nExitCode {code}\nErrorMessage "{message}"\nCommand "{command}"', ALGORITHM_ERROR)


if __name__ == "__main__":
    end_with_parent()
    try:
        main()
    except ClientError as error:
        fail(str(error), ALGORITHM_ERROR)
