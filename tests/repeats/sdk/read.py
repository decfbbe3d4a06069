"""What the SageMaker Python SDK reads of a baseline job, an experiment and a drift job. Prints it as JSON."""

import json
import os

import pandas as pd
import sagemaker
from sagemaker.analytics import ExperimentAnalytics
from sagemaker.model_monitor import BaseliningJob, MonitoringExecution
from sagemaker.processing import ProcessingInput, ProcessingJob, ProcessingOutput, Processor
from sagemaker.s3 import S3Downloader, S3Uploader

BUCKET, ROLE_ARN, MONITORING = os.environ["BUCKET"], os.environ["ROLE_ARN"], os.environ["MONITORING"]
FOLDER = "/opt/ml/processing"

session = sagemaker.Session(default_bucket=BUCKET)


def baseline(name):
    job = BaseliningJob.from_processing_job(ProcessingJob.from_processing_name(session, name))
    return job, {
        "statistics": [feature["name"] for feature in job.baseline_statistics().body_dict["features"]],
        "constraints": [feature["name"] for feature in job.suggested_constraints().body_dict["features"]],
    }


def longer_trips(job):
    """A table like the one that the baseline describes, of trips that are four times as long."""
    [data] = [one.source for one in job.inputs if one.input_name != "code"]
    [text] = [S3Downloader.read_file(uri, session) for uri in S3Downloader.list(data, sagemaker_session=session)]
    with open("baseline.csv", "w") as file:
        file.write(text)
    trips = pd.read_csv("baseline.csv")
    trips["trip_distance"] *= 4
    trips.to_csv("trips.csv", index=False)
    return S3Uploader.upload("trips.csv", f"s3://{BUCKET}/sdk/table", sagemaker_session=session)


def drift(job):
    """Runs drift.py by the SDK, and reads its report as that of an execution of Model Monitor."""
    inputs = {
        "code": S3Uploader.upload(MONITORING, f"s3://{BUCKET}/sdk/code", sagemaker_session=session),
        "baseline": job.outputs[0].destination,
        "table": longer_trips(job),
    }
    processor = Processor(
        role=ROLE_ARN,
        image_uri="683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3",
        instance_count=1,
        instance_type="ml.m5.large",
        entrypoint=["python3", f"{FOLDER}/input/code/drift.py", "--table", f"{FOLDER}/input/table"],
        sagemaker_session=session,
    )
    processor.run(
        inputs=[ProcessingInput(uri, f"{FOLDER}/input/{name}", name) for name, uri in inputs.items()],
        outputs=[ProcessingOutput(f"{FOLDER}/output", f"s3://{BUCKET}/sdk/report", "report")],
        job_name="sdk-drift",
        logs=False,
    )
    arn = processor.latest_job.describe()["ProcessingJobArn"]
    execution = MonitoringExecution.from_processing_arn(session, arn)
    return {
        "statistics": [feature["name"] for feature in execution.statistics().body_dict["features"]],
        "violations": [one["feature_name"] for one in execution.constraint_violations().body_dict["violations"]],
    }


def experiment(name):
    table = ExperimentAnalytics(experiment_name=name, sagemaker_session=session).dataframe()
    return {"rows": len(table), "columns": list(table.columns)}


described, first = baseline(os.environ["BASELINE_JOB"])
read = {"baseline": first, "drift": drift(described), "experiment": experiment("mlops-nyctaxi")}
# On a line of its own: the SDK draws a progress bar of exclamation marks.
print(f"\n{json.dumps(read)}")
