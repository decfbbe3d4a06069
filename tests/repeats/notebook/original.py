"""The calls of the original's own notebook, by boto3 and the SageMaker SDK. Prints what each has answered as JSON.

https://github.com/aws-samples/amazon-sagemaker-safe-deployment-pipeline/blob/main/notebook/mlops.ipynb
"""

import io
import json
import os
import time
import zipfile

import boto3
from sagemaker.core.analytics import ExperimentAnalytics
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.model_monitor import BaseliningJob, MonitoringExecution
from sagemaker.core.s3 import S3Downloader

BUCKET, ROLE_ARN, RELEASE = os.environ["BUCKET"], os.environ["ROLE_ARN"], os.environ["RELEASE"]
MODEL = "mlops-nyctaxi"
PIPELINE = f"{MODEL}-pipeline"

session = Session(default_bucket=BUCKET)
sagemaker, cloudwatch = boto3.client("sagemaker"), boto3.client("cloudwatch")
codepipeline, synthetics = boto3.client("codepipeline"), boto3.client("synthetics")


def processing_job(part, said=""):
    """The newest job with this in its name, whose message has this in it."""
    jobs = sagemaker.list_processing_jobs(NameContains=part, SortBy="CreationTime")["ProcessingJobSummaries"]
    described = [sagemaker.describe_processing_job(ProcessingJobName=job["ProcessingJobName"]) for job in jobs]
    found = next(job for job in described if said in job.get("ExitMessage", ""))
    return MonitoringExecution.from_processing_arn(session, found["ProcessingJobArn"])


def names(body, key="name"):
    return [feature[key] for feature in body]


def experiment():
    table = ExperimentAnalytics(experiment_name=MODEL, sagemaker_session=session).dataframe()
    return sorted(table[table["TrialComponentName"].str.contains(RELEASE)]["DisplayName"])


def baseline():
    job = processing_job(f"-pbl-{RELEASE}")
    described = BaseliningJob(session, job.processing_job_name, job.processing_inputs, job.outputs)
    return {
        "statistics": names(described.baseline_statistics().body_dict["features"]),
        "constraints": names(described.suggested_constraints().body_dict["features"]),
    }


def monitoring():
    job = processing_job("-pms-", said="violated")
    return {
        "statistics": names(job.statistics().body_dict["features"]),
        "violations": names(job.constraint_violations().body_dict["violations"], "feature_name"),
    }


def capture():
    uri = f"s3://{BUCKET}/{MODEL}/datacapture/{MODEL}-prd-{RELEASE}"
    [first, *_] = S3Downloader.list(uri, sagemaker_session=session)
    event = json.loads(S3Downloader.read_file(first, sagemaker_session=session).splitlines()[0])
    return sorted(event["captureData"])


def approval():
    stages = codepipeline.get_pipeline_state(name=PIPELINE)["stageStates"]
    [stage] = [stage for stage in stages if stage["stageName"] == "Approve"]
    try:
        codepipeline.put_approval_result(
            pipelineName=PIPELINE,
            stageName="Approve",
            actionName="Approve",
            token="00000000-0000-0000-0000-000000000000",
            result={"status": "Approved", "summary": "nobody asks any more"},
        )
    except codepipeline.exceptions.ClientError as error:
        return [stage["latestExecution"]["status"], error.response["Error"]["Code"]]


def canary():
    name = "of-the-original"
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        info = zipfile.ZipInfo("nodejs/node_modules/apiCanaryBlueprint.js")
        info.external_attr = 0o0755 << 16
        archive.writestr(info, "exports.handler = async () => 'fine';")
    # The original's syn-1.0 is no more.
    runtimes = synthetics.describe_runtime_versions()["RuntimeVersions"]
    synthetics.create_canary(
        Name=name,
        Code={"ZipFile": zipped.getvalue(), "Handler": "apiCanaryBlueprint.handler"},
        ArtifactS3Location=f"s3://{BUCKET}/{MODEL}",
        ExecutionRoleArn=ROLE_ARN,
        Schedule={"Expression": "rate(10 minutes)", "DurationInSeconds": 0},
        RunConfig={"TimeoutInSeconds": 60, "MemoryInMB": 960},
        SuccessRetentionPeriodInDays=31,
        FailureRetentionPeriodInDays=31,
        RuntimeVersion=runtimes[0]["VersionName"],
    )
    while synthetics.get_canary(Name=name)["Canary"]["Status"]["State"] != "READY":
        time.sleep(0.2)
    cloudwatch.put_metric_alarm(
        AlarmName=f"{name}-synth-lt-threshold",
        ComparisonOperator="LessThanThreshold",
        EvaluationPeriods=1,
        DatapointsToAlarm=1,
        Period=600,
        Statistic="Average",
        Threshold=90.0,
        ActionsEnabled=False,
        Namespace="CloudWatchSynthetics",
        MetricName="SuccessPercent",
        Dimensions=[{"Name": "CanaryName", "Value": name}],
    )
    synthetics.delete_canary(Name=name)
    cloudwatch.delete_alarms(AlarmNames=[f"{name}-synth-lt-threshold"])
    return name


def dashboard():
    metrics = [["AWS/SageMaker", "Invocations", "EndpointName", f"{MODEL}-prd-{RELEASE}", "VariantName", "prd-nyctaxi"]]
    properties = {"metrics": metrics, "region": sagemaker.meta.region_name, "stat": "Sum", "period": 300}
    widgets = [{"type": "metric", "x": 0, "y": 0, "width": 8, "height": 6, "properties": properties}]
    cloudwatch.put_dashboard(DashboardName="of-the-original", DashboardBody=json.dumps({"widgets": widgets}))
    body = json.loads(cloudwatch.get_dashboard(DashboardName="of-the-original")["DashboardBody"])
    cloudwatch.delete_dashboards(DashboardNames=["of-the-original"])
    return len(body["widgets"])


calls = {
    "ExperimentAnalytics.dataframe": experiment,
    "BaseliningJob": baseline,
    "MonitoringExecution": monitoring,
    "S3Downloader": capture,
    "get_pipeline_state, put_approval_result": approval,
    "synthetics, put_metric_alarm": canary,
    "put_dashboard": dashboard,
}
answers = {name: call() for name, call in calls.items()}
# On a line of its own: the SDK writes to stdout too.
print(f"\n{json.dumps(answers)}")
