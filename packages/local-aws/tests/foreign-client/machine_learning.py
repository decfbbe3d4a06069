"""SageMaker, S3 and Application Auto Scaling: train, describe the data, serve, scale, and take all of it down."""

from client import BUCKET, ROLE, WAITER, Tour, refused, until

REGISTRY = "683313688378.dkr.ecr.us-east-1.amazonaws.com"
XGBOOST = f"{REGISTRY}/sagemaker-xgboost:1.7-1"
SKLEARN = f"{REGISTRY}/sagemaker-scikit-learn:1.2-1-cpu-py3"
SCRIPT = """
import os, pathlib
base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
rows = (base / "processing/input/data/train.csv").read_text().splitlines()
(base / "processing/output").mkdir(parents=True, exist_ok=True)
(base / "processing/output/count").write_text(str(len(rows)))
"""
TAGS = [{"Key": "owner", "Value": "somebody"}]


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
    experiments(sagemaker)


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
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "more", "Value": "of them"}])
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["owner"])
    tour.seen["tags"] = sagemaker.list_tags(ResourceArn=arn)["Tags"]
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
    sagemaker.list_processing_jobs(StatusEquals="Stopped")


def experiments(sagemaker) -> None:
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
    components = sagemaker.list_trial_components(TrialName="around")["TrialComponentSummaries"]
    for each in components:
        name = {"TrialComponentName": each["TrialComponentName"]}
        sagemaker.describe_trial_component(**name)
        sagemaker.disassociate_trial_component(TrialName="around", **name)
        sagemaker.delete_trial_component(**name)
    sagemaker.delete_trial(TrialName="around")
    sagemaker.delete_experiment(ExperimentName="looking")


def endpoint(tour: Tour) -> None:
    sagemaker = tour.client("sagemaker")
    sagemaker.create_model(
        ModelName="planes",
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": XGBOOST, "ModelDataUrl": f"s3://{BUCKET}/models/first/output/model.tar.gz"},
    )
    for name, instances in (("small", 1), ("large", 2)):
        sagemaker.create_endpoint_config(
            EndpointConfigName=name,
            ProductionVariants=[
                {
                    "VariantName": "main",
                    "ModelName": "planes",
                    "InstanceType": "ml.m5.large",
                    "InitialInstanceCount": instances,
                    "InitialVariantWeight": 1,
                }
            ],
            DataCaptureConfig={
                "EnableCapture": True,
                "InitialSamplingPercentage": 100,
                "DestinationS3Uri": f"s3://{BUCKET}/captured",
                "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
                "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"]},
            },
        )
    sagemaker.create_endpoint(EndpointName="planes", EndpointConfigName="small", Tags=TAGS)
    sagemaker.describe_endpoint(EndpointName="planes")
    in_service = sagemaker.get_waiter("endpoint_in_service")
    in_service.wait(EndpointName="planes", WaiterConfig=WAITER)
    answer = tour.client("sagemaker-runtime").invoke_endpoint(
        EndpointName="planes", ContentType="text/csv", Accept="text/csv", Body=b"4,5\n"
    )
    tour.seen["prediction"] = float(answer["Body"].read())
    sagemaker.update_endpoint(EndpointName="planes", EndpointConfigName="large")
    sagemaker.describe_endpoint(EndpointName="planes")
    tour.seen["updated twice"] = refused(
        lambda: sagemaker.update_endpoint(EndpointName="planes", EndpointConfigName="small")
    )["message"]
    in_service.wait(EndpointName="planes", WaiterConfig=WAITER)
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="planes", DesiredWeightsAndCapacities=[{"VariantName": "main", "DesiredInstanceCount": 3}]
    )
    in_service.wait(EndpointName="planes", WaiterConfig=WAITER)
    variants = sagemaker.describe_endpoint(EndpointName="planes")["ProductionVariants"]
    tour.seen["instances"] = variants[0]["CurrentInstanceCount"]
    guarded(tour, sagemaker, in_service)
    scaling(tour)
    listed(sagemaker)
    sagemaker.delete_endpoint(EndpointName="planes")
    sagemaker.get_waiter("endpoint_deleted").wait(EndpointName="planes", WaiterConfig=WAITER)
    sagemaker.delete_endpoint_config(EndpointConfigName="small")
    sagemaker.delete_model(ModelName="planes")


def guarded(tour: Tour, sagemaker, in_service) -> None:
    """A canary that succeeds, then batches by the same configuration that an alarm takes back."""
    tour.client("cloudwatch").put_metric_alarm(
        AlarmName="slow",
        Namespace="AWS/SageMaker",
        MetricName="ModelLatency",
        Dimensions=[
            {"Name": "EndpointName", "Value": "planes"},
            {"Name": "VariantName", "Value": "main"},
            {"Name": "EndpointConfigName", "Value": "large"},
        ],
        ExtendedStatistic="p99",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1e9,
        ComparisonOperator="GreaterThanThreshold",
        # A state that is set by hand then stays.
        TreatMissingData="ignore",
    )
    alarms = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "slow"}]}}
    routing = {
        "Type": "CANARY",
        "WaitIntervalInSeconds": 60,
        "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 50},
    }
    canary = {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": 30}
    retained = {"RetainAllVariantProperties": True}
    endpoint = {"EndpointName": "planes"}
    sagemaker.update_endpoint(
        EndpointConfigName="large", DeploymentConfig={"BlueGreenUpdatePolicy": canary, **alarms}, **endpoint, **retained
    )
    until(
        lambda: sagemaker.describe_endpoint(**endpoint),
        lambda found: "ProductionVariants" in found.get("PendingDeploymentSummary", {"ProductionVariants": []}),
    )
    in_service.wait(WaiterConfig=WAITER, **endpoint)
    found = sagemaker.describe_endpoint(**endpoint)
    tour.seen["deployed with"] = found["LastDeploymentConfig"]["BlueGreenUpdatePolicy"]
    batches = {"MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 50}, "WaitIntervalInSeconds": 3600}
    sagemaker.update_endpoint(
        EndpointConfigName="small", DeploymentConfig={"RollingUpdatePolicy": batches, **alarms}, **endpoint, **retained
    )
    tour.client("cloudwatch").set_alarm_state(AlarmName="slow", StateValue="ALARM", StateReason="to see it")
    in_service.wait(WaiterConfig=WAITER, **endpoint)
    found = sagemaker.describe_endpoint(**endpoint)
    tour.seen["rolled back"] = [found["EndpointConfigName"], "slow" in found.get("FailureReason", "")]
    tour.seen["too large a batch"] = refused(
        lambda: sagemaker.update_endpoint(
            EndpointConfigName="small",
            DeploymentConfig={
                "RollingUpdatePolicy": {**batches, "MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 60}}
            },
            **endpoint,
        )
    )["code"]
    sagemaker.update_endpoint(EndpointConfigName="large", RetainDeploymentConfig=True, **endpoint, **retained)
    sagemaker.describe_endpoint(**endpoint)
    tour.client("cloudwatch").delete_alarms(AlarmNames=["slow"])
    in_service.wait(WaiterConfig=WAITER, **endpoint)
    until(
        lambda: sagemaker.describe_endpoint(**endpoint),
        lambda found: found["EndpointStatus"] == "InService",
    )


def listed(sagemaker) -> None:
    sagemaker.list_models(NameContains="plan")
    sagemaker.list_endpoint_configs(MaxResults=1)
    sagemaker.list_endpoints(StatusEquals="InService")
    sagemaker.describe_model(ModelName="planes")
    sagemaker.describe_endpoint_config(EndpointConfigName="large")


def scaling(tour: Tour) -> None:
    autoscaling = tour.client("application-autoscaling")
    variant = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/planes/variant/main",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    arn = autoscaling.register_scalable_target(
        MinCapacity=4, MaxCapacity=5, Tags={"owner": "somebody"}, **variant
    )["ScalableTargetARN"]
    autoscaling.put_scaling_policy(
        PolicyName="invocations",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 100.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
        },
        **variant,
    )
    autoscaling.describe_scalable_targets(ServiceNamespace="sagemaker")
    autoscaling.describe_scaling_policies(ServiceNamespace="sagemaker")
    # Of three instances at least four are wanted.
    until(
        lambda: autoscaling.describe_scaling_activities(**variant)["ScalingActivities"],
        lambda activities: [activity["StatusCode"] for activity in activities] == ["Successful"],
    )
    autoscaling.tag_resource(ResourceARN=arn, Tags={"more": "of them"})
    autoscaling.untag_resource(ResourceARN=arn, TagKeys=["owner"])
    tour.seen["target's tags"] = autoscaling.list_tags_for_resource(ResourceARN=arn)["Tags"]
    autoscaling.delete_scaling_policy(PolicyName="invocations", **variant)
    tour.seen["no such policy"] = refused(
        lambda: autoscaling.delete_scaling_policy(PolicyName="invocations", **variant)
    )["class"]
    autoscaling.deregister_scalable_target(**variant)
