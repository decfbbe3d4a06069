"""Synthetics: a canary that runs every minute, and what is left of it."""

from client import BUCKET, ROLE, Tour, package, refused, until

SCRIPT = "nodejs/node_modules/canary.js"


def canaries(tour: Tour) -> None:
    client = tour.client("synthetics")
    client.create_canary(
        Name="sings",
        Code={"ZipFile": package("exports.handler = async () => 'sung';", SCRIPT), "Handler": "canary.handler"},
        ArtifactS3Location=f"s3://{BUCKET}/canaries",
        ExecutionRoleArn=ROLE,
        Schedule={"Expression": "rate(1 minute)"},
        RuntimeVersion=client.describe_runtime_versions(MaxResults=1)["RuntimeVersions"][0]["VersionName"],
        Tags={"owner": "me"},
    )
    reaches(client, "READY")
    client.update_canary(Name="sings", RunConfig={"TimeoutInSeconds": 30})
    tour.seen["canary's time-out"] = reaches(client, "READY")["RunConfig"]["TimeoutInSeconds"]
    client.start_canary(Name="sings")
    reaches(client, "RUNNING")
    runs = until(
        lambda: client.get_canary_runs(Name="sings")["CanaryRuns"],
        lambda runs: len(runs) > 1 and runs[-1]["Status"]["State"] != "RUNNING",
    )
    tour.seen["canary's first run"] = runs[-1]["Status"]["State"]
    last = client.describe_canaries_last_run(Names=["sings"])["CanariesLastRun"]
    tour.seen["canaries that ran"] = [each["CanaryName"] for each in last]
    tour.seen["running canary deleted"] = refused(lambda: client.delete_canary(Name="sings"))["class"]
    arn = "arn:aws:synthetics:us-east-1:123456789012:canary:sings"
    client.tag_resource(ResourceArn=arn, Tags={"more": "of them"})
    client.untag_resource(ResourceArn=arn, TagKeys=["owner"])
    tour.seen["canary's tags"] = client.list_tags_for_resource(ResourceArn=arn)["Tags"]
    client.stop_canary(Name="sings")
    reaches(client, "STOPPED")
    client.delete_canary(Name="sings", DeleteLambda=True)
    until(lambda: client.describe_canaries()["Canaries"], lambda left: left == [])
    tour.seen["no such canary"] = refused(lambda: client.start_canary(Name="none"))["class"]


def reaches(client, state: str) -> dict:
    """The canary, once it is in a state."""
    return until(
        lambda: client.get_canary(Name="sings")["Canary"],
        lambda canary: canary["Status"]["State"] == state,
    )
