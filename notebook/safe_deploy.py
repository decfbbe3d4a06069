"""What the notebook's cells have in common: names, waits, signed requests and charts. What matters is in the cells."""

import os
import time

import boto3
import matplotlib.pyplot as plt
import pandas as pd
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session

APPROVE = "Approve"
# Until a new version of data-source.zip has started the pipeline, and until it has taken up an answer.
START_SECONDS = 120
ANSWER_SECONDS = 30
_OVER = ("Succeeded", "Failed", "Stopped", "Superseded", "Cancelled")


class Names:
    """Names of what belongs to a model, and where its data are. The environment may say otherwise."""

    def __init__(self, model):
        self.prefix = f"mlops-{model}"
        self.pipeline = os.environ.get("PIPELINE_NAME", f"{self.prefix}-pipeline")
        self.api = f"{self.prefix}-api"
        self.drift_function = f"{self.prefix}-pms"
        self.drift_alarm = f"{self.prefix}-drift"
        self.canary = f"{self.prefix}-canary"
        self.dashboard = self.prefix

    def training_job(self, release):
        return f"{self.prefix}-{release}"

    def baseline_job(self, release):
        return f"{self.prefix}-pbl-{release}"

    def endpoint(self, stage, release):
        return f"{self.prefix}-{stage}-{release}"


def bucket():
    """The bucket of data, archives and captures: SageMaker's own, if the environment names none."""
    region = boto3.Session().region_name
    return os.environ.get("BUCKET") or f"sagemaker-{region}-{boto3.client('sts').get_caller_identity()['Account']}"


def waits(pause_seconds):
    """The seconds that have passed, again and again, with a pause between."""
    began = time.monotonic()
    while True:
        yield time.monotonic() - began
        time.sleep(pause_seconds)


class Pipeline:
    """A pipeline, and how far an execution of it is."""

    def __init__(self, name, poll_seconds):
        self.client = boto3.client("codepipeline")
        self.name = name
        self.poll_seconds = poll_seconds
        declared = self.client.get_pipeline(name=name)["pipeline"]["stages"]
        self.actions = {stage["name"]: [action["name"] for action in stage["actions"]] for stage in declared}
        sources = [action for stage in declared for action in stage["actions"]]
        [self.data_source] = [action for action in sources if action["actionTypeId"]["provider"] == "S3"]

    def started_by(self, version):
        """Id of the execution that a version of data-source.zip has started. It is the release's id too."""
        for waited in waits(self.poll_seconds):
            for execution in self.client.list_pipeline_executions(pipelineName=self.name)["pipelineExecutionSummaries"]:
                if any(source.get("revisionId") == version for source in execution.get("sourceRevisions", [])):
                    return execution["pipelineExecutionId"]
            if waited > START_SECONDS:
                raise RuntimeError(f"version {version} has started no execution of {self.name} in {START_SECONDS} s")

    def stages(self, execution):
        """A table of the actions of an execution: status and seconds of each."""
        rows = [
            {
                "stage": action["stageName"],
                "action": action["actionName"],
                "status": action["status"],
                "seconds": round((action["lastUpdateTime"] - action["startTime"]).total_seconds(), 1),
            }
            for action in reversed(self._executed(execution))
        ]
        return pd.DataFrame(rows, columns=["stage", "action", "status", "seconds"])

    def has_passed(self, execution, stage):
        """Whether an execution has passed a stage. It fails if the execution is over and has not."""
        executed = self._executed(execution)
        passed = {one["actionName"] for one in executed if one["stageName"] == stage and one["status"] == "Succeeded"}
        if passed.issuperset(self.actions[stage]):
            return True
        details = self.client.get_pipeline_execution(pipelineName=self.name, pipelineExecutionId=execution)
        status = details["pipelineExecution"]["status"]
        if status in _OVER:
            raise RuntimeError(f"release {execution} has not passed {stage}: {status}. {self._why(executed)}")
        return False

    def wait(self, execution, stage):
        """Waits until an execution has passed a stage, and says what it does meanwhile."""
        said = None
        for waited in waits(self.poll_seconds):
            passed = self.has_passed(execution, stage)
            executed = self._executed(execution)
            doing = f"{executed[0]['stageName']}: {executed[0]['status']}" if executed else "not started"
            if doing != said:
                print(f"{waited:7.0f} s  {doing}")
                said = doing
            if passed:
                return

    def approval(self, execution):
        """Waits until an execution asks for approval. Returns the token of the answer, and what the approval shows."""
        for _ in waits(self.poll_seconds):
            stages = self.client.get_pipeline_state(name=self.name)["stageStates"]
            [stage] = [stage for stage in stages if stage["stageName"] == APPROVE]
            tokens = [action.get("latestExecution", {}).get("token") for action in stage["actionStates"]]
            if stage.get("latestExecution", {}).get("pipelineExecutionId") == execution and any(tokens):
                [asked] = [one for one in self._executed(execution) if one["stageName"] == APPROVE]
                return tokens[0], asked["input"]["resolvedConfiguration"].get("CustomData", "")
            self.has_passed(execution, "DeployDev")

    def require_answer(self, execution):
        """Fails if nobody has answered the approval, or if it was rejected."""
        for waited in waits(self.poll_seconds):
            if self.has_passed(execution, APPROVE):
                return
            if waited > ANSWER_SECONDS:
                raise RuntimeError("nobody has answered yet. Answer above, then run this cell and those below it")

    def _executed(self, execution):
        """What an execution has done, newest first."""
        filtered = {"pipelineName": self.name, "filter": {"pipelineExecutionId": execution}}
        return self.client.list_action_executions(**filtered)["actionExecutionDetails"]

    @staticmethod
    def _why(executed):
        failed = next((one for one in executed if one["status"] != "Succeeded"), {})
        result = failed.get("output", {}).get("executionResult", {})
        why = result.get("errorDetails", {}).get("message") or result.get("externalExecutionSummary") or ""
        return f"{failed.get('stageName', '')}: {why}. Log: {result.get('externalExecutionUrl', '')}"


class Api:
    """The API of the live release. Requests are signed with the credentials of this notebook."""

    def __init__(self, name):
        self.name = name
        self.http = URLLib3Session()
        self.session = boto3.Session()

    def url(self):
        """Where the API is; None before the first release."""
        gateway = boto3.client("apigateway")
        found = [api["id"] for api in gateway.get_rest_apis(limit=500)["items"] if api["name"] == self.name]
        stages = [stage["stageName"] for api in found for stage in gateway.get_stages(restApiId=api)["item"]]
        if not stages:
            return None
        if "AWS_ENDPOINT_URL" in os.environ:
            return f"{os.environ['AWS_ENDPOINT_URL']}/_aws/execute-api/{found[0]}/{stages[0]}/api"
        return f"{gateway.meta.endpoint_url.replace('apigateway', f'{found[0]}.execute-api')}/{stages[0]}/api"

    def ask(self, url, csv):
        """Sends rows. Returns status, endpoint that answered, and text."""
        request = AWSRequest("POST", url, data=csv.encode(), headers={"content-type": "text/csv"})
        credentials = self.session.get_credentials().get_frozen_credentials()
        SigV4Auth(credentials, "execute-api", self.session.region_name).add_auth(request)
        answer = self.http.send(request.prepare())
        return answer.status_code, answer.headers.get("x-sagemaker-endpoint", ""), answer.text


def rows_of(data, columns):
    """Rows as CSV without a header, as the model takes them."""
    return data[columns].to_csv(header=False, index=False)


def chart(title, x, y, size=(8, 4)):
    """An empty chart with its axes named."""
    figure, axes = plt.subplots(figsize=size, layout="constrained")
    axes.set(title=title, xlabel=x, ylabel=y)
    return figure, axes
