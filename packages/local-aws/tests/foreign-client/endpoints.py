"""SageMaker's endpoints and Application Auto Scaling: serve, update, scale, and take all of it down."""

from botocore.exceptions import ClientError

from client import BUCKET, REGISTRY, ROLE, WAITER, XGBOOST, Tour, refused, until

TAGS = [{"Key": "owner", "Value": "somebody"}]


def endpoint(tour: Tour) -> None:
    sagemaker = tour.client("sagemaker")
    sagemaker.create_model(
        ModelName="planes",
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": XGBOOST, "ModelDataUrl": f"s3://{BUCKET}/models/first/output/model.tar.gz"},
    )
    transformed(tour, sagemaker)
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
    queued(tour, sagemaker, in_service)
    monitored(tour, sagemaker)
    listed(sagemaker)
    sagemaker.delete_endpoint(EndpointName="planes")
    sagemaker.get_waiter("endpoint_deleted").wait(EndpointName="planes", WaiterConfig=WAITER)
    sagemaker.delete_endpoint_config(EndpointConfigName="small")
    sagemaker.delete_model(ModelName="planes")


def transformed(tour: Tour, sagemaker) -> None:
    s3 = tour.client("s3")
    s3.put_object(Bucket=BUCKET, Key="batch/rows.csv", Body=b"here,4,5\nthere,4,5\n")
    definition = {
        "ModelName": "planes",
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/batch"}},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        "TransformOutput": {"S3OutputPath": f"s3://{BUCKET}/batched", "Accept": "text/csv", "AssembleWith": "Line"},
        "DataProcessing": {"InputFilter": "$[1:]", "OutputFilter": "$[0,-1]", "JoinSource": "Input"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    }
    sagemaker.create_transform_job(TransformJobName="batch", Tags=TAGS, **definition)
    sagemaker.create_transform_job(TransformJobName="batch-stopped", **definition)
    sagemaker.stop_transform_job(TransformJobName="batch-stopped")
    for name in ("batch", "batch-stopped"):
        sagemaker.get_waiter("transform_job_completed_or_stopped").wait(TransformJobName=name, WaiterConfig=WAITER)
    tour.seen["transform job"] = sagemaker.describe_transform_job(TransformJobName="batch")["TransformJobStatus"]
    stopped = sagemaker.list_transform_jobs(StatusEquals="Stopped")["TransformJobSummaries"]
    tour.seen["transform jobs found"] = [job["TransformJobName"] for job in stopped]
    batched = s3.get_object(Bucket=BUCKET, Key="batched/rows.csv.out")["Body"].read().decode()
    tour.seen["transformed"] = [line.split(",")[0] for line in batched.splitlines()]


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


def queued(tour: Tour, sagemaker, in_service) -> None:
    """An endpoint whose requests and answers lie in S3."""
    sagemaker.create_endpoint_config(
        EndpointConfigName="queued",
        ProductionVariants=[
            {"VariantName": "main", "ModelName": "planes", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        ],
        AsyncInferenceConfig={"OutputConfig": {"S3OutputPath": f"s3://{BUCKET}/answers"}},
    )
    sagemaker.create_endpoint(EndpointName="queued", EndpointConfigName="queued")
    in_service.wait(EndpointName="queued", WaiterConfig=WAITER)
    s3 = tour.client("s3")
    s3.put_object(Bucket=BUCKET, Key="requests/one.csv", Body=b"4,5\n")
    location = tour.client("sagemaker-runtime").invoke_endpoint_async(
        EndpointName="queued", ContentType="text/csv", InputLocation=f"s3://{BUCKET}/requests/one.csv"
    )["OutputLocation"]
    key = location.removeprefix(f"s3://{BUCKET}/")
    s3.get_waiter("object_exists").wait(Bucket=BUCKET, Key=key, WaiterConfig=WAITER)
    tour.seen["queued prediction"] = float(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
    sagemaker.delete_endpoint(EndpointName="queued")


def monitored(tour: Tour, sagemaker) -> None:
    """A monitoring schedule of Model Monitor: made, changed, stopped, and taken down."""
    definition = {
        "RoleArn": ROLE,
        "DataQualityAppSpecification": {"ImageUri": f"{REGISTRY}/sagemaker-model-monitor-analyzer"},
        "DataQualityJobInput": {
            "EndpointInput": {"EndpointName": "planes", "LocalPath": "/opt/ml/processing/input/endpoint"}
        },
        "DataQualityJobOutputConfig": {
            "MonitoringOutputs": [
                {"S3Output": {"S3Uri": f"s3://{BUCKET}/reports", "LocalPath": "/opt/ml/processing/output"}}
            ]
        },
        "JobResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 20}
        },
    }
    sagemaker.create_data_quality_job_definition(JobDefinitionName="quality", Tags=TAGS, **definition)
    sagemaker.describe_data_quality_job_definition(JobDefinitionName="quality")
    found = sagemaker.list_data_quality_job_definitions(EndpointName="planes")["JobDefinitionSummaries"]
    tour.seen["job definitions"] = [one["MonitoringJobDefinitionName"] for one in found]

    def config(expression: str) -> dict:
        return {
            "MonitoringType": "DataQuality",
            "MonitoringJobDefinitionName": "quality",
            "ScheduleConfig": {"ScheduleExpression": expression},
        }

    name = {"MonitoringScheduleName": "daily"}
    sagemaker.create_monitoring_schedule(
        MonitoringScheduleConfig=config("cron(0 12 ? * * *)"), Tags=TAGS, **name
    )

    def at_rest() -> str:
        described = until(
            lambda: sagemaker.describe_monitoring_schedule(**name),
            lambda schedule: schedule["MonitoringScheduleStatus"] != "Pending",
        )
        return described["MonitoringScheduleStatus"]

    statuses = [at_rest()]
    sagemaker.update_monitoring_schedule(MonitoringScheduleConfig=config("cron(0 0/12 ? * * *)"), **name)
    statuses.append(at_rest())
    sagemaker.stop_monitoring_schedule(**name)
    statuses.append(at_rest())
    sagemaker.start_monitoring_schedule(**name)
    statuses.append(at_rest())
    tour.seen["monitoring schedule"] = statuses
    found = sagemaker.list_monitoring_schedules(EndpointName="planes")["MonitoringScheduleSummaries"]
    tour.seen["monitoring schedules"] = [one["MonitoringScheduleName"] for one in found]
    tour.seen["monitoring executions"] = sagemaker.list_monitoring_executions(**name)["MonitoringExecutionSummaries"]
    sagemaker.delete_monitoring_schedule(**name)
    tour.seen["no such schedule"] = until(
        lambda: gone(lambda: sagemaker.describe_monitoring_schedule(**name)), lambda code: code is not None
    )
    sagemaker.delete_data_quality_job_definition(JobDefinitionName="quality")


def gone(call) -> str | None:
    """The code of the error that a call ends with, if it ends with one."""
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


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
