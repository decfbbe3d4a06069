"""What the programs of monitors share as processing jobs: how they end, and what SageMaker shows of that."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any, Callable, Dict, Optional

from baseline import InputError, leave_message


def base_folder() -> Path:
    """SAGEMAKER_BASE_DIR puts another folder in the place of /opt/ml."""
    return Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))


def read_settings(file: Optional[str], defaults: Dict[str, Any]) -> Dict[str, Any]:
    """The settings of a file, each of the kind of its default. A default of None takes any."""
    if file is None:
        return defaults
    try:
        given = json.loads(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"the settings in {file} cannot be read: {error}") from error
    if not isinstance(given, dict):
        raise InputError(f"the settings in {file} must be an object, got {json.dumps(given)[:100]}")
    problems = [
        *[f"there is no setting {name}" for name in given if name not in defaults],
        *[
            f"{name} must be {_kind(default)}, got {json.dumps(given[name])[:100]}"
            for name, default in defaults.items()
            if name in given and default is not None and _kind(given[name]) != _kind(default)
        ],
    ]
    if problems:
        raise InputError(f"the settings in {file}: {'; '.join(problems)}")
    return {**defaults, **given}


def _kind(value: Any) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return "a number"
    return {str: "a text", dict: "an object", list: "a list"}.get(type(value), "another value")


def written(content: Any) -> str:
    """The text of a report."""
    return json.dumps(content, indent=1, allow_nan=False) + "\n"


def end(program: str, run: Callable[[argparse.Namespace], str], args: argparse.Namespace) -> int:
    """Runs a program, and leaves what came of it, or what was wrong with its input, in one line."""
    try:
        message = run(args)
    except (InputError, OSError) as error:
        leave_message(base_folder(), str(error))
        print(f"{program}: {error}", file=sys.stderr)
        return 1
    except Exception as error:
        # Nobody has thought of it, so the log has where it happened.
        leave_message(base_folder(), f"{type(error).__name__}: {error}")
        raise
    leave_message(base_folder(), message)
    print(message)
    return 0
