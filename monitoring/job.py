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
    if file is None:
        return defaults
    try:
        return {**defaults, **json.loads(Path(file).read_text(encoding="utf-8"))}
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"the settings in {file} cannot be read: {error}") from error


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
    leave_message(base_folder(), message)
    print(message)
    return 0
