"""Runs Python programs one after the other in one process, so that pandas is loaded once for a whole suite of tests.

Reads a JSON object per line from stdin, {"program", "args", "env"} or {"text", "args"}, and answers each with one on stdout,
{"code", "stdout", "stderr"}. Ends when its stdin does.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import runpy
import sys
import traceback
from pathlib import Path


def run(request: dict) -> dict:
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    sys.argv = [request.get("program", "-c"), *request["args"]]
    before = dict(os.environ)
    os.environ.update(request.get("env", {}))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            if "text" in request:
                exec(request["text"], {"__name__": "__main__"})
            else:
                runpy.run_path(request["program"], run_name="__main__")
        except SystemExit as end:
            code = end.code or 0
        except BaseException:
            traceback.print_exc()
            code = 1
    os.environ.clear()
    os.environ.update(before)
    return {"code": code, "stdout": out.getvalue(), "stderr": err.getvalue()}


# As Python does with the folder of a program that it is given.
sys.path.insert(0, str(Path(sys.argv[1])))
answers = sys.stdout
for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), file=answers, flush=True)
