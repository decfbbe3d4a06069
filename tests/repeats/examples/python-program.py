"""Runs a Pulumi program in Python through its life: python-program.py FOLDER CONFIG.

By the Automation API, where the engine comes without a language host for Python: the program runs in this process. Prints the stack's outputs
as the last line, as JSON.
"""

import json
import os
import runpy
import sys

from pulumi import automation

folder, config = sys.argv[1], json.loads(sys.argv[2])
os.chdir(folder)

stack = automation.create_stack(
    "test",
    project_name="fares-in-python",
    program=lambda: runpy.run_path("__main__.py") and None,
    opts=automation.LocalWorkspaceOptions(work_dir=folder),
)
stack.set_all_config({key: automation.ConfigValue(value) for key, value in config.items()})
outputs = stack.up(on_output=print).outputs
stack.preview(refresh=True, expect_no_changes=True, on_output=print)
stack.destroy(on_output=print)
print(json.dumps({name: output.value for name, output in outputs.items()}))
