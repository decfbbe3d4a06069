"""Runs the script of a processing job.

Usage: process.py python3 [-u] SCRIPT [ARGUMENT...], which are the job's `ContainerEntrypoint` and `ContainerArguments`.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path

from opt_ml import end_with_parent


def script_and_arguments(command: list[str]) -> list[str]:
    """The part of the command after the interpreter and its `-u`."""
    if command and Path(command[0]).name in ("python", "python3"):
        rest = command[1:]
        script = rest[1:] if rest[:1] == ["-u"] else rest
        if script and not script[0].startswith("-"):
            return script
    sys.exit(f"ContainerEntrypoint must be python3 and the path of a script, got {command}")


def main() -> None:
    script = script_and_arguments(sys.argv[1:])
    if not os.path.exists(script[0]):
        sys.exit(f"python3: can't open file '{script[0]}': no such file among the job's inputs")
    sys.argv = script
    sys.path[0] = str(Path(script[0]).parent)
    runpy.run_path(script[0], run_name="__main__")


if __name__ == "__main__":
    end_with_parent()
    main()
