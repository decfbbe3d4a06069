"""Plays Amazon's closed image sagemaker-model-monitor-analyzer, as far as its documented contract goes.

Compares what an endpoint has captured with a baseline, and writes statistics.json, constraint_violations.json and the
metrics of drift: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-contract-inputs.html and the pages
beside it. All that it is told is in its environment.

Hours pass faster here than folders of captures are filled, so it keeps to `start_time` and `end_time`. On AWS a folder
is an execution's hour.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Dict, List

from opt_ml import base_dir, end_with_parent

import captured
import columns

MESSAGE_CHARACTERS = 1024


def environment(name: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise captured.AnalysisError(f"the environment has no {name}")
    return value


def baseline(name: str) -> Dict[str, Any]:
    return json.loads(Path(environment(name)).read_text(encoding="utf-8"))


def run() -> str:
    """Analyzes; returns the message that becomes the job's `ExitMessage`."""
    statistics, constraints = baseline("baseline_statistics"), baseline("baseline_constraints")
    names = [feature["name"] for feature in constraints["features"]]
    window = (time(environment("start_time")), time(environment("end_time")))
    handler = captured.preprocessor(os.environ.get("record_preprocessor_script"))
    rows = list(captured.rows(Path(environment("dataset_source")), window, handler))
    if not rows:
        raise captured.AnalysisError("Error: no usable records in the dataset")
    results = columns.compare(rows, statistics, constraints)
    output = Path(environment("output_path"))
    output.mkdir(parents=True, exist_ok=True)
    features = [result.statistics() for result in results]
    violations = [*columns.width_violations(names, rows), *(one for result in results for one in result.violations)]
    write(output / "statistics.json", {"version": 0.0, "dataset": {"item_count": len(rows)}, "features": features})
    write(output / "constraint_violations.json", {"violations": violations})
    if environment("publish_cloudwatch_metrics") == "Enabled":
        leave_metrics(results)
    if violations:
        return f"CompletedWithViolations: Job completed successfully with {len(violations)} violations."
    return "Completed: Job completed successfully with no violations."


def leave_metrics(results: List[columns.Result]) -> None:
    dimensions = [
        {"Name": "Endpoint", "Value": environment("sagemaker_endpoint_name")},
        {"Name": "MonitoringSchedule", "Value": environment("sagemaker_monitoring_schedule_name")},
    ]
    common = {"Dimensions": dimensions, "Timestamp": environment("metric_time")}
    folder = base_dir() / "output" / "metrics" / "cloudwatch"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps({**metric, **common}) for result in results for metric in result.metrics()]
    (folder / "cloudwatch_metrics.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def write(file: Path, content: Dict[str, Any]) -> None:
    file.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def main() -> int:
    try:
        message, code = run(), 0
    except (captured.AnalysisError, OSError, ValueError, KeyError) as error:
        message, code = f"{error}", 255
    file = base_dir() / "output" / "message"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(message[:MESSAGE_CHARACTERS], encoding="utf-8")
    print(message)
    return code


if __name__ == "__main__":
    end_with_parent()
    sys.exit(main())
