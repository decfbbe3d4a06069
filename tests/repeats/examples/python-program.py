"""Runs a Pulumi program in Python through its life: python-program.py FOLDER CONFIG RELEASE….

By the Automation API, where the engine comes without a language host for Python: the program runs in this process. Each release is previewed,
deployed and asked for a prediction. Prints what came of it as the last line, as JSON.
"""

import json
import os
import pathlib
import runpy
import sys
import urllib.error
import urllib.parse
import urllib.request

from pulumi import automation

folder, config, releases = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3:]
os.chdir(folder)


def ask(url, key):
    """Status and answer of a request with this API key."""
    request = urllib.request.Request(url, b"12", {"content-type": "text/csv", "x-api-key": key})
    try:
        with urllib.request.urlopen(request) as response:
            return [response.status, response.read().decode()]
    except urllib.error.HTTPError as error:
        return [error.code, ""]


def states():
    """The files that the engine keeps states in; `export_stack` would decrypt them."""
    folder = urllib.request.url2pathname(urllib.parse.urlparse(os.environ["PULUMI_BACKEND_URL"]).path)
    found = list(pathlib.Path(folder).glob(".pulumi/stacks/**/*.json"))
    assert found, f"no state in {folder}"
    return found


stack = automation.create_stack(
    "test",
    project_name="fares-in-python",
    program=lambda: runpy.run_path("__main__.py") and None,
    opts=automation.LocalWorkspaceOptions(work_dir=folder),
)
stack.set_all_config({key: automation.ConfigValue(value) for key, value in config.items()})
lives = []
for release in releases:
    stack.set_config("release", automation.ConfigValue(release))
    stack.preview(on_output=print)
    update = stack.up(on_output=print)
    outputs = {name: output.value for name, output in update.outputs.items()}
    lives.append(
        {
            "outputs": outputs,
            "secrets": [name for name, output in update.outputs.items() if output.secret],
            "changes": update.summary.resource_changes,
            "answers": [ask(outputs["url"], key) for key in (outputs["apiKey"], "another")],
            "isKeyInState": any(outputs["apiKey"] in state.read_text() for state in states()),
        }
    )
stack.preview(refresh=True, expect_no_changes=True, on_output=print)
stack.destroy(on_output=print)
print(json.dumps(lives))
