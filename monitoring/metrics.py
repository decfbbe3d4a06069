"""Puts what came of a window as CloudWatch metrics. Their names are those of lib/monitoring-names.ts."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Dict

from captures import parse_time

NAMESPACE = "aws/sagemaker/Endpoints/data-metrics"
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
MOST_AT_ONCE = 1000
OLDEST = timedelta(days=14)


def put_metrics(schedule: str, endpoint: str, end: str, values: Dict[str, float], is_live: bool) -> None:
    """
    Puts them for the endpoint, and for the schedule alone if most traffic goes to this endpoint. They are dated at the
    window's end, or now if that is to come, so that a window of long ago, asked for by hand, does not set off today's
    alarm. CloudWatch takes none that are more than two weeks old, or two hours ahead.
    """
    now = datetime.now(timezone.utc)
    time = min(parse_time(end), now)
    if time < now - OLDEST:
        print(f"no metrics are put: {end} is more than two weeks ago")
        return

    import boto3

    of_endpoint = {"Name": "Endpoint", "Value": endpoint}
    of_schedule = {"Name": "MonitoringSchedule", "Value": schedule}
    data = [
        {"MetricName": name, "Dimensions": dimensions, "Timestamp": time, "Value": value}
        for dimensions in [[of_endpoint, of_schedule], *([[of_schedule]] if is_live else [])]
        for name, value in values.items()
    ]
    cloudwatch = boto3.client("cloudwatch")
    for start in range(0, len(data), MOST_AT_ONCE):
        cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=data[start : start + MOST_AT_ONCE])
