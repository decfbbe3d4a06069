"""SageMaker's jobs on files in S3, and the experiments that they belong to: train, count, and see what became of it."""

from client import BUCKET, REGISTRY, ROLE, WAITER, XGBOOST, Tour, refused, until

SKLEARN = f"{REGISTRY}/sagemaker-scikit-learn:1.2-1-cpu-py3"
SCRIPT = """
import os, pathlib
base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
rows = (base / "processing/input/data/train.csv").read_text().splitlines()
(base / "processing/output").mkdir(parents=True, exist_ok=True)
(base / "processing/output/count").write_text(str(len(rows)))
"""
TAGS = [{"Key": "owner", "Value": "somebody"}]
OTHER_TAGS = [{"Key": "owner", "Value": "somebody else"}]


def jobs(tour: Tour) -> None:
    s3 = tour.client("s3")
    sagemaker = tour.client("sagemaker")
    s3.create_bucket(Bucket=BUCKET)
    # label = 2x + 3y
    rows = "".join(f"{2 * x + 3 * y},{x},{y}\n" for x in range(10) for y in range(10))
    for key in ("train/train.csv", "validation/validation.csv"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=rows.encode())
    s3.put_object(Bucket=BUCKET, Key="code/count.py", Body=SCRIPT.encode())

    sagemaker.create_experiment(ExperimentName="looking", Tags=TAGS)
    sagemaker.create_trial(TrialName="around", ExperimentName="looking", DisplayName="Around")
    training_jobs(tour, sagemaker)
    processing_jobs(tour, sagemaker)
    s3.download_file(BUCKET, "models/first/output/model.tar.gz", "model.tar.gz")
    tour.seen["rows counted"] = s3.get_object(Bucket=BUCKET, Key="counted/count")["Body"].read().decode()
    experiments(tour, sagemaker)


def training_jobs(tour: Tour, sagemaker) -> None:
    channels = [
        {
            "ChannelName": name,
            "ContentType": "csv",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{name}"}},
        }
        for name in ("train", "validation")
    ]
    definition = {
        "RoleArn": ROLE,
        "AlgorithmSpecification": {"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
        "HyperParameters": {"num_round": "8", "objective": "reg:linear"},
        "InputDataConfig": channels,
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    }
    within = {"ExperimentName": "looking", "TrialName": "around", "TrialComponentDisplayName": "Training"}
    arn = sagemaker.create_training_job(
        TrainingJobName="first", ExperimentConfig=within, Tags=TAGS, **definition
    )["TrainingJobArn"]
    sagemaker.describe_training_job(TrainingJobName="first")
    sagemaker.create_training_job(TrainingJobName="stopped", **definition)
    sagemaker.stop_training_job(TrainingJobName="stopped")
    sagemaker.create_training_job(
        TrainingJobName="failed", **{**definition, "HyperParameters": {"num_round": "8", "objective": "reg:none"}}
    )
    for name in ("first", "stopped"):
        sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName=name, WaiterConfig=WAITER)
    until(
        lambda: sagemaker.describe_training_job(TrainingJobName="failed"),
        lambda job: job["TrainingJobStatus"] == "Failed",
    )
    tour.seen["training job"] = sagemaker.describe_training_job(TrainingJobName="first")["TrainingJobStatus"]
    pages = sagemaker.get_paginator("list_training_jobs").paginate(
        SortBy="Name", SortOrder="Ascending", PaginationConfig={"PageSize": 2}
    )
    tour.seen["training jobs"] = [
        [job["TrainingJobName"], job["TrainingJobStatus"]] for page in pages for job in page["TrainingJobSummaries"]
    ]
    found = sagemaker.list_training_jobs(NameContains="i", StatusEquals="Completed", SortBy="Name")
    tour.seen["training jobs found"] = [job["TrainingJobName"] for job in found["TrainingJobSummaries"]]
    added = sagemaker.add_tags(ResourceArn=arn, Tags=[*OTHER_TAGS, {"Key": "more", "Value": "of them"}])
    tour.seen["tags added"] = added["Tags"]
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["owner"])
    tour.seen["tags"] = sagemaker.list_tags(ResourceArn=arn)["Tags"]
    tour.seen["no such resource"] = refused(lambda: sagemaker.list_tags(ResourceArn=f"{arn}-not"))["code"]
    tour.seen["same job again"] = refused(
        lambda: sagemaker.create_training_job(TrainingJobName="first", **definition)
    )["class"]
    tour.seen["no such job"] = refused(lambda: sagemaker.stop_training_job(TrainingJobName="none"))["class"]
    tour.seen["name that cannot be"] = refused(
        lambda: sagemaker.create_training_job(TrainingJobName="a_b", **definition)
    )["message"]


def processing_jobs(tour: Tour, sagemaker) -> None:
    def source(name: str, path: str) -> dict:
        return {
            "InputName": name,
            "S3Input": {
                "S3Uri": f"s3://{BUCKET}/{path}",
                "LocalPath": f"/opt/ml/processing/input/{name}",
                "S3DataType": "S3Prefix",
                "S3InputMode": "File",
            },
        }

    result = {
        "OutputName": "count",
        "S3Output": {
            "S3Uri": f"s3://{BUCKET}/counted",
            "LocalPath": "/opt/ml/processing/output",
            "S3UploadMode": "EndOfJob",
        },
    }
    definition = {
        "RoleArn": ROLE,
        "AppSpecification": {
            "ImageUri": SKLEARN,
            "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/count.py"],
        },
        "ProcessingResources": {
            "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}
        },
        "ProcessingInputs": [source("code", "code/count.py"), source("data", "train/")],
        "ProcessingOutputConfig": {"Outputs": [result]},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    }
    within = {"ExperimentName": "looking", "TrialName": "around", "TrialComponentDisplayName": "Counting"}
    sagemaker.create_processing_job(ProcessingJobName="count", ExperimentConfig=within, **definition)
    sagemaker.create_processing_job(ProcessingJobName="count-stopped", **definition)
    sagemaker.stop_processing_job(ProcessingJobName="count-stopped")
    for name in ("count", "count-stopped"):
        sagemaker.get_waiter("processing_job_completed_or_stopped").wait(ProcessingJobName=name, WaiterConfig=WAITER)
    tour.seen["processing job"] = sagemaker.describe_processing_job(ProcessingJobName="count")["ProcessingJobStatus"]
    stopped = sagemaker.list_processing_jobs(StatusEquals="Stopped")["ProcessingJobSummaries"]
    tour.seen["processing jobs found"] = [job["ProcessingJobName"] for job in stopped]


def experiments(tour: Tour, sagemaker) -> None:
    sagemaker.describe_experiment(ExperimentName="looking")
    sagemaker.describe_trial(TrialName="around")
    sagemaker.list_experiments()
    sagemaker.list_trials(ExperimentName="looking")
    component = {"TrialComponentName": "by-hand"}
    sagemaker.create_trial_component(
        DisplayName="By-hand",
        Status={"PrimaryStatus": "Completed", "Message": "done"},
        Parameters={"depth": {"NumberValue": 3}, "kind": {"StringValue": "tree"}},
        **component,
    )
    sagemaker.associate_trial_component(TrialName="around", **component)
    # What ExperimentAnalytics of the SageMaker SDK asks, which is too large to bring along.
    found = sagemaker.search(
        Resource="ExperimentTrialComponent",
        SearchExpression={
            "Filters": [{"Name": "Parents.ExperimentName", "Operator": "Equals", "Value": "looking"}]
        },
        SortBy="Metrics.train:rmse.Last",
    )["Results"]
    tour.seen["found in the experiment"] = [each["TrialComponent"]["DisplayName"] for each in found]
    components = sagemaker.list_trial_components(TrialName="around")["TrialComponentSummaries"]
    for each in components:
        name = {"TrialComponentName": each["TrialComponentName"]}
        sagemaker.describe_trial_component(**name)
        sagemaker.disassociate_trial_component(TrialName="around", **name)
        sagemaker.delete_trial_component(**name)
    sagemaker.delete_trial(TrialName="around")
    sagemaker.delete_experiment(ExperimentName="looking")
