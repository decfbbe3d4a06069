"""Puts what came of a window as CloudWatch metrics. Their names are those of lib/monitoring-names.ts."""

from __future__ import annotations

from typing import Any, Dict, List

from captures import parse_time

NAMESPACE = "aws/sagemaker/Endpoints/data-metrics"
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
MOST_AT_ONCE = 1000


def put_metrics(schedule: str, report: Dict[str, Any], is_live: bool) -> None:
    """
    Puts them for the endpoint, and for the schedule alone if most traffic goes to this endpoint. They are dated at the
    window's end, so that a window of long ago, asked for by hand, does not set off today's alarm.
    """
    import boto3

    endpoint = {"Name": "Endpoint", "Value": report["endpoint"]}
    of_schedule = {"Name": "MonitoringSchedule", "Value": schedule}
    time = parse_time(report["to"])
    data = [
        {"MetricName": name, "Dimensions": dimensions, "Timestamp": time, "Value": value}
        for dimensions in [[endpoint, of_schedule], *([[of_schedule]] if is_live else [])]
        for name, value in values(report).items()
    ]
    cloudwatch = boto3.client("cloudwatch")
    for start in range(0, len(data), MOST_AT_ONCE):
        cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=data[start : start + MOST_AT_ONCE])


def values(report: Dict[str, Any]) -> Dict[str, float]:
    """The metrics by name. Where nothing was compared there is no distance, rather than a small one."""
    features = report["features"].items()
    distances = {name: feature["distance"] for name, feature in features if feature["distance"] is not None}
    shares: List[float] = [
        feature["distance"] / feature["threshold"]
        for _, feature in features
        if feature["watched"] and feature["distance"] is not None
    ]
    return {
        **{f"feature_baseline_drift_{name}": distance for name, distance in distances.items()},
        **({"drift_over_threshold": max(shares)} if shares else {}),
        "drift_rows": report["rows"],
        "drift_broken_lines": report["brokenLines"],
    }
