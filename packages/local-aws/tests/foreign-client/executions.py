"""Executions of the pipeline that `pipelines.py` makes, led by hand: approved, refused, repaired, stopped, retried."""

import io
import zipfile
from typing import Any

from client import Tour, refused, until

NAME = "release"
STORE = "foreign-pipeline"
KEY = "source.zip"
NOBODY = "00000000-0000-0000-0000-000000000000"


def tell(tour: Tour, text: str) -> str:
    """A new version of the source. Returns its id."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("told", text + "\n")
    return tour.client("s3").put_object(Bucket=STORE, Key=KEY, Body=buffer.getvalue())["VersionId"]


def goes_well(tour: Tour) -> None:
    client = tour.client("codepipeline")
    version = tell(tour, "all is well, again")
    token = "4e3c1b1c-7a4e-4a3e-9b0e-0a5f2d7c8e11"
    execution = client.start_pipeline_execution(name=NAME, clientRequestToken=token)["pipelineExecutionId"]
    again = client.start_pipeline_execution(name=NAME, clientRequestToken=token)["pipelineExecutionId"]
    tour.seen["started once"] = again == execution
    approval = asked(client, execution)
    states = client.get_pipeline_state(name=NAME)["stageStates"]
    tour.seen["stages"] = [
        [each["stageName"], each["latestExecution"]["status"]] for each in states if "latestExecution" in each
    ]
    took = states[0]["actionStates"][0]["currentRevision"]["revisionId"]
    tour.seen["build's log"] = states[1]["actionStates"][0]["latestExecution"]["logStreamARN"].split(":")[6]
    tour.seen["wrong token"] = refused(lambda: answer(client, NOBODY, "Approved"))["class"]
    tour.seen["approved at"] = "approvedAt" in answer(client, approval, "Approved")
    tour.seen["went well"] = ended(client, execution)
    tour.seen["approved twice"] = refused(lambda: answer(client, approval, "Approved"))["class"]
    tour.seen["took the newest"] = [took == version, revision(client, execution) == version]
    latest = stage(client, "Approve")["actionStates"][0]["latestExecution"]
    tour.seen["approval"] = [latest["status"], latest["summary"], latest["lastUpdatedBy"]]
    details = actions(client, execution)
    tour.seen["actions"] = [[each["actionName"], each["status"]] for each in details]
    tour.seen["variables"] = details[1]["output"]["outputVariables"]
    data = details[2]["input"]["resolvedConfiguration"]["CustomData"]
    tour.seen["what was to be approved"] = data == f"42 of {execution}"
    # What one action has left is what another one reads.
    left, read = details[1]["output"]["outputArtifacts"], details[3]["input"]["inputArtifacts"]
    tour.seen["artifact"] = [left == read, left[0]["name"], left[0]["s3location"]["bucket"]]


def goes_wrong(tour: Tour) -> None:
    """A source with which the build fails: a retry meets the same again, and the next source repairs it."""
    client = tour.client("codepipeline")
    tell(tour, "nothing")
    execution = client.start_pipeline_execution(name=NAME)["pipelineExecutionId"]
    tour.seen["went wrong"] = ended(client, execution)
    latest = stage(client, "Build")["actionStates"][0]["latestExecution"]
    tour.seen["why"] = latest["errorDetails"]
    retry(client, execution, "Build")
    ended(client, execution)
    tour.seen["after a retry"] = [[each["actionName"], each["status"]] for each in actions(client, execution)]
    tour.seen["retries"] = stage(client, "Build")["retryStageMetadata"]["manualStageRetryAttempt"]
    tour.seen["stage that was not run"] = refused(lambda: retry(client, execution, "Deploy"))["class"]
    tour.seen["no such stage"] = refused(lambda: retry(client, execution, "None"))["class"]
    tour.seen["no such execution"] = refused(
        lambda: client.get_pipeline_execution(pipelineName=NAME, pipelineExecutionId=NOBODY)
    )["class"]
    tell(tour, "well, all is repaired")
    repaired = client.start_pipeline_execution(name=NAME)["pipelineExecutionId"]
    asked(client, repaired)
    tour.seen["older than the latest"] = refused(lambda: retry(client, execution, "Build"))["class"]
    tour.seen["refused"] = ["approvedAt" in decide(client, repaired, "Rejected"), ended(client, repaired)]


def is_stopped(tour: Tour) -> None:
    client = tour.client("codepipeline")
    client.disable_stage_transition(
        pipelineName=NAME, stageName="Deploy", transitionType="Inbound", reason="not before the weekend is over"
    )
    execution = client.start_pipeline_execution(name=NAME)["pipelineExecutionId"]
    where = {"pipelineName": NAME, "pipelineExecutionId": execution}
    asked(client, execution)
    client.stop_pipeline_execution(reason="first thoughts", **where)
    tour.seen["while its approval waits"] = status_of(client, execution)
    tour.seen["stopped twice"] = refused(lambda: client.stop_pipeline_execution(**where))["class"]
    client.stop_pipeline_execution(abandon=True, reason="second thoughts", **where)
    tour.seen["stopped"] = ended(client, execution)
    tour.seen["stopped too late"] = refused(lambda: client.stop_pipeline_execution(abandon=True, **where))["class"]
    pages = client.get_paginator("list_pipeline_executions").paginate(
        pipelineName=NAME, PaginationConfig={"PageSize": 2}
    )
    executions = [each for page in pages for each in page["pipelineExecutionSummaries"]]
    tour.seen["executions"] = [each["status"] for each in executions]
    tour.seen["why it was stopped"] = executions[0]["stopTrigger"]["reason"]
    retry(client, execution, "Approve")
    decide(client, execution, "Approved")
    before = until(lambda: stage(client, "Deploy"), lambda seen: "inboundExecution" in seen)
    tour.seen["closed"] = before["inboundTransitionState"]["disabledReason"]
    tour.seen["waits before it"] = before["inboundExecution"]["pipelineExecutionId"] == execution
    client.enable_stage_transition(pipelineName=NAME, stageName="Deploy", transitionType="Inbound")
    tour.seen["went on"] = ended(client, execution)


def stage(client: Any, name: str) -> dict:
    (found,) = [each for each in client.get_pipeline_state(name=NAME)["stageStates"] if each["stageName"] == name]
    return found


def revision(client: Any, execution: str) -> str:
    found = client.get_pipeline_execution(pipelineName=NAME, pipelineExecutionId=execution)["pipelineExecution"]
    return found["artifactRevisions"][0]["revisionId"]


def actions(client: Any, execution: str) -> list[dict]:
    """What the actions of an execution did, oldest first."""
    pages = client.get_paginator("list_action_executions").paginate(
        pipelineName=NAME, filter={"pipelineExecutionId": execution}, PaginationConfig={"PageSize": 3}
    )
    return [each for page in pages for each in page["actionExecutionDetails"]][::-1]


def asked(client: Any, execution: str) -> str:
    """Waits for the approval of an execution. Returns its token."""

    def look() -> str | None:
        if status_of(client, execution) == "Failed":
            raise AssertionError(f"failed before it asked: {client.get_pipeline_state(name=NAME)}")
        seen = stage(client, "Approve")
        ours = seen.get("latestExecution", {}).get("pipelineExecutionId") == execution
        return seen["actionStates"][0].get("latestExecution", {}).get("token") if ours else None

    return until(look, lambda token: token is not None)


def decide(client: Any, execution: str, status: str) -> Any:
    token = asked(client, execution)
    return answer(client, token, status)


def answer(client: Any, token: str, status: str) -> Any:
    result = {"status": status, "summary": "looked at it"}
    where = {"pipelineName": NAME, "stageName": "Approve", "actionName": "Somebody"}
    return client.put_approval_result(result=result, token=token, **where)


def retry(client: Any, execution: str, name: str) -> None:
    client.retry_stage_execution(
        pipelineName=NAME, pipelineExecutionId=execution, stageName=name, retryMode="FAILED_ACTIONS"
    )


def status_of(client: Any, execution: str) -> str:
    found = client.get_pipeline_execution(pipelineName=NAME, pipelineExecutionId=execution)
    return found["pipelineExecution"]["status"]


def ended(client: Any, execution: str) -> str:
    return until(lambda: status_of(client, execution), lambda status: status not in ("InProgress", "Stopping"))
