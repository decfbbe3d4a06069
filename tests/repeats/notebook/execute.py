"""Runs the notebook from top to bottom, as Jupyter does, with parameters of the test's own.

With `click` in the settings it clicks the button of that name as soon as the cell of the approval has shown it, by the
message that a browser sends. The names of all axes go into a file, a line for each.
"""

import json
import sys

import nbformat
from nbclient import NotebookClient

# Runs in the kernel before the first cell, so that it sees figures before they are shown and closed.
NOTE_AXES = """
import json as _json, sys as _sys


def _note_axes():
    plt = _sys.modules.get("matplotlib.pyplot")
    for number in plt.get_fignums() if plt else []:
        for axes in plt.figure(number).axes:
            kind = axes.get_label() or "axes"
            line = _json.dumps([kind, axes.get_xlabel(), axes.get_ylabel()])
            with open(FILE, "a") as file:
                print(line, file=file)


get_ipython().events.register("post_execute", _note_axes)
"""


def with_settings(notebook, settings):
    """The notebook with other values of its parameters, set after the cell that has the usual ones."""
    lines = [f"{name} = {value!r}" for name, value in settings["parameters"].items()]
    [at] = [n for n, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", [])]
    notebook.cells.insert(at + 1, nbformat.v4.new_code_cell("\n".join(lines)))
    note_axes = NOTE_AXES.replace("FILE", repr(settings["axesFile"]))
    notebook.cells.insert(0, nbformat.v4.new_code_cell(note_axes))
    return notebook


class Client(NotebookClient):
    """Runs cells, and clicks a button."""

    def click_if_asked(self, cell, description):
        if description is None or "approval" not in cell.metadata.get("tags", []):
            return
        buttons = [
            comm
            for comm, state in self.widget_state.items()
            if state.get("_model_name") == "ButtonModel" and state.get("description") == description
        ]
        [button] = buttons
        clicked = {"comm_id": button, "data": {"method": "custom", "content": {"event": "click"}}}
        self.kc.shell_channel.send(self.kc.session.msg("comm_msg", clicked))


def main():
    source, target, settings = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    notebook = with_settings(nbformat.read(source, as_version=4), settings)
    client = Client(
        notebook,
        timeout=600,
        startup_timeout=120,
        resources={"metadata": {"path": settings["folder"]}},
        on_cell_executed=lambda cell, cell_index, execute_reply: client.click_if_asked(cell, settings.get("click")),
    )
    try:
        client.execute()
    finally:
        nbformat.write(notebook, target)


main()
