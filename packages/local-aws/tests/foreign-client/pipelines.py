"""CodePipeline and CodeBuild: projects, and a pipeline that builds, asks somebody and builds again."""

import json
from typing import Any

import executions
from client import Tour, refused, until
from executions import NAME, tell

SPEC = """
version: 0.2
env:
  exported-variables: [ANSWER]
phases:
  build:
    commands:
      - export ANSWER=42
      - cat told
      - grep -q well told
artifacts:
  files: ["**/*"]
"""


def pipelines(tour: Tour) -> None:
    role = account(tour)
    projects(tour, role)
    create(tour, role)
    executions.goes_well(tour)
    executions.goes_wrong(tour)
    executions.is_stopped(tour)
    removed(tour)


def account(tour: Tour) -> str:
    """A role that both services take on, and a versioned bucket with a source."""
    s3 = tour.client("s3")
    s3.create_bucket(Bucket=executions.STORE)
    s3.put_bucket_versioning(Bucket=executions.STORE, VersioningConfiguration={"Status": "Enabled"})
    tell(tour, "all is well")
    services = ["codepipeline.amazonaws.com", "codebuild.amazonaws.com"]
    iam = tour.client("iam")
    arn = iam.create_role(
        RoleName="pipelines",
        AssumeRolePolicyDocument=policy(Action="sts:AssumeRole", Principal={"Service": services}),
    )["Role"]["Arn"]
    iam.put_role_policy(
        RoleName="pipelines",
        PolicyName="all",
        PolicyDocument=policy(Action=["s3:*", "codebuild:*", "logs:*", "kms:*"], Resource="*"),
    )
    return arn


def policy(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def projects(tour: Tour, role: str) -> None:
    client = tour.client("codebuild")
    definition = {
        "source": {"type": "CODEPIPELINE", "buildspec": SPEC},
        "artifacts": {"type": "CODEPIPELINE"},
        "environment": {
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/amazonlinux-x86_64-standard:5.0",
            "computeType": "BUILD_GENERAL1_SMALL",
        },
        "serviceRole": role,
        # At this clock's speed an hour is six seconds.
        "timeoutInMinutes": 480,
    }
    arn = client.create_project(name="builds", tags=[{"key": "owner", "value": "me"}], **definition)["project"]["arn"]
    client.create_project(name="other", **definition)
    changed = client.update_project(name="other", description="what comes after")["project"]
    tour.seen["project changed"] = [changed["description"], changed["serviceRole"] == role, changed["timeoutInMinutes"]]
    tour.seen["project again"] = refused(lambda: client.create_project(name="builds", **definition))["class"]
    pages = client.get_paginator("list_projects").paginate()
    tour.seen["projects"] = sorted(name for page in pages for name in page["projects"])
    found = client.batch_get_projects(names=["builds", "none"])
    (project,) = found["projects"]
    tour.seen["project"] = [project["arn"] == arn, project["tags"], project["queuedTimeoutInMinutes"]]
    tour.seen["projects not found"] = found["projectsNotFound"]
    brief = {key: value for key, value in definition.items() if key != "timeoutInMinutes"}
    tour.seen["minutes by default"] = client.create_project(name="brief", **brief)["project"]["timeoutInMinutes"]
    client.delete_project(name="brief")
    stopped_build(tour, {**definition, "source": {"type": "NO_SOURCE", "buildspec": SPEC}})
    tour.seen["no such project"] = refused(lambda: client.start_build(projectName="none"))["class"]


def stopped_build(tour: Tour, definition: dict) -> None:
    """A build that is of no pipeline, and that somebody stops."""
    client = tour.client("codebuild")
    client.create_project(**{**definition, "name": "lonely", "artifacts": {"type": "NO_ARTIFACTS"}})
    slow = SPEC.replace("cat told", "sleep 60")
    build_id = client.start_build(projectName="lonely", buildspecOverride=slow)["build"]["id"]

    def look() -> dict:
        return client.batch_get_builds(ids=[build_id])["builds"][0]

    until(look, lambda seen: seen["currentPhase"] == "BUILD")
    client.stop_build(id=build_id)
    tour.seen["stopped build"] = until(look, lambda seen: seen["buildComplete"])["buildStatus"]
    builds = client.get_paginator("list_builds").paginate()
    tour.seen["builds"] = [each == build_id for page in builds for each in page["ids"]]
    tour.seen["builds not found"] = client.batch_get_builds(ids=["other:none"])["buildsNotFound"]


def create(tour: Tour, role: str) -> None:
    client = tour.client("codepipeline")
    declaration = {
        "name": NAME,
        "roleArn": role,
        "artifactStore": {"type": "S3", "location": executions.STORE},
        "pipelineType": "V2",
        "executionMode": "QUEUED",
        "stages": [
            {"name": "Source", "actions": [source()]},
            {"name": "Build", "actions": [build("Build", "builds", outputs=["Built"])]},
            {"name": "Approve", "actions": [approval()]},
            {"name": "Deploy", "actions": [build("Deploy", "other", inputs=["Built"])]},
        ],
    }
    client.create_pipeline(pipeline=declaration, tags=[{"key": "owner", "value": "me"}])
    tour.seen["pipeline again"] = refused(lambda: client.create_pipeline(pipeline=declaration))["class"]
    tour.seen["one stage only"] = refused(
        lambda: client.create_pipeline(pipeline={**declaration, "name": "short", "stages": declaration["stages"][:1]})
    )["class"]
    # AWS starts a pipeline as soon as it is there.
    (first,) = client.list_pipeline_executions(pipelineName=NAME)["pipelineExecutionSummaries"]
    tour.seen["first started by"] = first["trigger"]["triggerType"]
    executions.decide(client, first["pipelineExecutionId"], "Rejected")
    executions.ended(client, first["pipelineExecutionId"])
    client.update_pipeline(pipeline={**declaration, "executionMode": "PARALLEL"})
    client.update_pipeline(pipeline=declaration)
    old = client.get_pipeline(name=NAME, version=2)["pipeline"]
    tour.seen["pipeline before"] = [old["version"], old["executionMode"]]
    tour.seen["no such version"] = refused(lambda: client.get_pipeline(name=NAME, version=9))["class"]
    found = client.get_pipeline(name=NAME)
    tour.seen["pipeline"] = [found["pipeline"]["version"], found["pipeline"]["executionMode"]]
    arn = found["metadata"]["pipelineArn"]
    client.tag_resource(resourceArn=arn, tags=[{"key": "more", "value": "of them"}])
    client.untag_resource(resourceArn=arn, tagKeys=["owner"])
    tags = client.get_paginator("list_tags_for_resource").paginate(resourceArn=arn)
    tour.seen["pipeline's tags"] = [tag for page in tags for tag in page["tags"]]
    pages = client.get_paginator("list_pipelines").paginate()
    tour.seen["pipelines"] = [each["name"] for page in pages for each in page["pipelines"]]


def source() -> dict:
    return action(
        "Source",
        ("Source", "S3"),
        {"S3Bucket": executions.STORE, "S3ObjectKey": executions.KEY, "PollForSourceChanges": "false"},
        outputs=["Code"],
    )


def build(name: str, project: str, inputs: tuple = ("Code",), outputs: tuple = ()) -> dict:
    return action(name, ("Build", "CodeBuild"), {"ProjectName": project}, inputs, outputs)


def approval() -> dict:
    data = "#{Build.ANSWER} of #{codepipeline.PipelineExecutionId}"
    return action("Somebody", ("Approval", "Manual"), {"CustomData": data})


def action(name: str, kind: tuple[str, str], configuration: dict, inputs: tuple = (), outputs: tuple = ()) -> dict:
    category, provider = kind
    return {
        "name": name,
        "actionTypeId": {"category": category, "owner": "AWS", "provider": provider, "version": "1"},
        "namespace": name,
        "configuration": configuration,
        "inputArtifacts": [{"name": each} for each in inputs],
        "outputArtifacts": [{"name": each} for each in outputs],
    }


def removed(tour: Tour) -> None:
    builds = tour.client("codebuild")
    pages = builds.get_paginator("list_builds_for_project").paginate(projectName="builds")
    tour.seen["builds of a project"] = len([each for page in pages for each in page["ids"]]) > 1
    for name in ("builds", "other", "lonely"):
        builds.delete_project(name=name)
    tour.seen["projects deleted"] = builds.batch_get_projects(names=["builds", "other"])["projectsNotFound"]
    client = tour.client("codepipeline")
    client.delete_pipeline(name=NAME)
    # AWS says nothing of one that is not there.
    client.delete_pipeline(name=NAME)
    tour.seen["no such pipeline"] = refused(lambda: client.get_pipeline_state(name=NAME))["class"]
