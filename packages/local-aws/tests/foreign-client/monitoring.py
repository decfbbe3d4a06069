"""CloudWatch: metrics in, statistics out, alarms on them, dashboards."""

import json
import struct
from datetime import datetime, timedelta, timezone

from client import Tour, refused, until


def metrics(tour: Tour) -> None:
    client = tour.client("cloudwatch")
    of = {"Namespace": "Looking", "MetricName": "Around", "Dimensions": [{"Name": "Who", "Value": "somebody"}]}
    now = datetime.now(timezone.utc)
    client.put_metric_data(
        Namespace="Looking",
        MetricData=[
            {"MetricName": "Around", "Dimensions": of["Dimensions"], "Value": value, "Unit": "Count", "Timestamp": now}
            for value in (1.0, 2.0, 6.0)
        ],
    )
    window = {"StartTime": now - timedelta(minutes=5), "EndTime": now + timedelta(minutes=5)}
    client.list_metrics(Namespace="Looking")
    points = client.get_metric_statistics(
        Period=60, Statistics=["Sum", "Average", "SampleCount"], ExtendedStatistics=["p90"], **of, **window
    )["Datapoints"]
    tour.seen["statistics"] = [[point["Sum"], point["Average"], point["SampleCount"]] for point in points]
    queries = [
        {"Id": "sum", "MetricStat": {"Metric": of, "Period": 60, "Stat": "Sum"}, "ReturnData": False},
        {"Id": "half", "Expression": "sum / 2"},
    ]
    tour.seen["half"] = client.get_metric_data(MetricDataQueries=queries, **window)["MetricDataResults"][0]["Values"]
    embedded_metrics(tour, client, window)
    alarms(tour, client, of)
    dashboards(tour, client)


def embedded_metrics(tour: Tour, client, window: dict) -> None:
    """A line in the embedded metric format by the API of CloudWatch Logs, as agents send them, and one that comes too late."""
    logs = tour.client("logs")
    logs.create_log_group(logGroupName="agent")
    logs.create_log_stream(logGroupName="agent", logStreamName="stream")
    now = int(window["EndTime"].timestamp() - 300) * 1000
    directive = {"Namespace": "Embedded", "Dimensions": [["Who"]], "Metrics": [{"Name": "Seen", "Unit": "Count"}]}
    line = {"_aws": {"Timestamp": now, "CloudWatchMetrics": [directive]}, "Who": "agent", "Seen": 7}
    logs.put_log_events(
        logGroupName="agent",
        logStreamName="stream",
        logEvents=[
            {"timestamp": now - 15 * 24 * 3600 * 1000, "message": json.dumps({**line, "Seen": 1000})},
            {"timestamp": now, "message": "an ordinary line"},
            {"timestamp": now, "message": json.dumps(line)},
        ],
    )
    of = {"Namespace": "Embedded", "MetricName": "Seen", "Dimensions": [{"Name": "Who", "Value": "agent"}]}
    points = client.get_metric_statistics(Period=60, Statistics=["Sum"], **of, **window)["Datapoints"]
    tour.seen["embedded metric"] = [(point["Sum"], point["Unit"]) for point in points]


def alarms(tour: Tour, client, of: dict) -> None:
    for name in ("one", "two", "three"):
        client.put_metric_alarm(
            AlarmName=name,
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=5,
            ComparisonOperator="GreaterThanThreshold",
            Tags=[{"Key": "owner", "Value": "somebody"}],
            **of,
        )
    rate = [
        {"Id": "rate", "Expression": "100 * faults / requests", "Label": "Rate"},
        {"Id": "faults", "MetricStat": {"Metric": of, "Period": 60, "Stat": "Sum"}, "ReturnData": False},
        {"Id": "requests", "MetricStat": {"Metric": of, "Period": 60, "Stat": "SampleCount"}, "ReturnData": False},
    ]
    common = {"EvaluationPeriods": 1, "Threshold": 5, "ComparisonOperator": "GreaterThanThreshold"}
    client.put_metric_alarm(AlarmName="rate", Metrics=rate, TreatMissingData="notBreaching", **common)
    client.put_metric_alarm(AlarmName="tail", ExtendedStatistic="p99", Period=60, **common, **of)
    tour.seen["alarm on a rate"] = client.describe_alarms(AlarmNames=["rate"])["MetricAlarms"][0]["Metrics"][0]
    pages = client.get_paginator("describe_alarms").paginate(PaginationConfig={"PageSize": 2})
    tour.seen["alarms"] = sorted(alarm["AlarmName"] for page in pages for alarm in page["MetricAlarms"])
    # Its metric never makes it OK, so this is always a change.
    client.set_alarm_state(AlarmName="two", StateValue="OK", StateReason="to see it")
    until(
        lambda: client.describe_alarm_history(AlarmName="two")["AlarmHistoryItems"],
        lambda items: any(item["HistoryItemType"] == "StateUpdate" for item in items),
    )
    pages = client.get_paginator("describe_alarm_history").paginate(
        AlarmName="two", HistoryItemType="StateUpdate", ScanBy="TimestampAscending"
    )
    states = [json.loads(item["HistoryData"])["newState"] for page in pages for item in page["AlarmHistoryItems"]]
    tour.seen["history"] = [state["stateReason"] for state in states if state["stateValue"] == "OK"]
    client.describe_alarms_for_metric(**of)
    client.disable_alarm_actions(AlarmNames=["one"])
    client.enable_alarm_actions(AlarmNames=["one"])
    arn = client.describe_alarms(AlarmNames=["one"])["MetricAlarms"][0]["AlarmArn"]
    client.tag_resource(ResourceARN=arn, Tags=[{"Key": "more", "Value": "of them"}])
    client.untag_resource(ResourceARN=arn, TagKeys=["owner"])
    tour.seen["alarm's tags"] = client.list_tags_for_resource(ResourceARN=arn)["Tags"]
    tour.seen["no such alarm's tags"] = refused(lambda: client.list_tags_for_resource(ResourceARN=f"{arn}-not"))["code"]
    tour.seen["no such alarm"] = refused(
        lambda: client.set_alarm_state(AlarmName="none", StateValue="OK", StateReason="there is none")
    )["class"]
    client.delete_alarms(AlarmNames=["one", "two", "three", "rate", "tail"])


def dashboards(tour: Tour, client) -> None:
    body = json.dumps({"widgets": [{"type": "text", "width": 6, "properties": {"markdown": "hello"}}]})
    for name in ("view", "other"):
        client.put_dashboard(DashboardName=name, DashboardBody=body)
    entries = client.list_dashboards(DashboardNamePrefix="vi")["DashboardEntries"]
    tour.seen["dashboards"] = [[each["DashboardName"], each["Size"] == len(body)] for each in entries]
    found = client.get_dashboard(DashboardName="view")
    tour.seen["dashboard"] = [found["DashboardArn"], found["DashboardBody"] == body]
    widget = {"metrics": [["Looking", "Around", "Who", "somebody"]], "width": 300, "height": 200}
    picture = client.get_metric_widget_image(MetricWidget=json.dumps(widget))["MetricWidgetImage"]
    tour.seen["picture"] = [picture[1:4].decode(), *struct.unpack(">II", picture[16:24])]
    client.delete_dashboards(DashboardNames=["view", "other"])
    tour.seen["no such dashboard"] = refused(lambda: client.get_dashboard(DashboardName="view"))["code"]
    tour.seen["no anomaly detectors"] = refused(lambda: client.describe_anomaly_detectors())["message"]
