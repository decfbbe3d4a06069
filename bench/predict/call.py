"""Loads a handler and calls it, as Lambda's Python runtime does: call.py HANDLER cold|warm|settled EVENT"""

import importlib.util
import json
import sys
import time


def timed(calls, work):
    """Takes the time and processor time of some work, in milliseconds for each call."""
    began, used = time.perf_counter(), time.process_time()
    work()
    return {"ms": (time.perf_counter() - began) * 1000 / calls, "CPU-s": (time.process_time() - used) / calls}


def main(file, kind, event):
    loaded = {}

    def call():
        answer = loaded["handler"](json.loads(event), None)
        if answer["statusCode"] != 200:
            raise RuntimeError(f"the handler answered {answer}")

    def load():
        spec = importlib.util.spec_from_file_location("handler", file)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        loaded["handler"] = module.handler

    def repeat(calls):
        for _ in range(calls):
            call()

    cold = timed(1, lambda: (load(), call()))
    if kind == "cold":
        return cold
    repeat(200 if kind == "warm" else 5000)
    return timed(500, lambda: repeat(500))


print(json.dumps(main(*sys.argv[1:])))
