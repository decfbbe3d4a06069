"""Deploys a release of the model: python fares.py <release> <S3 URI of model.tar.gz> <bucket> <ARN of the model's role>"""

import sys

import boto3
from sagemaker.core.resources import Endpoint, EndpointConfig, Model
from sagemaker.core.shapes import (
    Alarm,
    AutoRollbackConfig,
    BlueGreenUpdatePolicy,
    CapacitySize,
    CaptureOption,
    ContainerDefinition,
    DataCaptureConfig,
    DeploymentConfig,
    ProductionVariant,
    TrafficRoutingConfig,
)

release, archive, bucket, role = sys.argv[1:]
image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
name = f"fares-{release}"

Model.create(
    model_name=name,
    primary_container=ContainerDefinition(image=image, model_data_url=archive),
    execution_role_arn=role,
)
config = EndpointConfig.create(
    endpoint_config_name=name,
    production_variants=[
        ProductionVariant(
            variant_name="all",
            model_name=name,
            instance_type="ml.m5.large",
            initial_instance_count=1,
            initial_variant_weight=1,
        )
    ],
    data_capture_config=DataCaptureConfig(
        enable_capture=True,
        initial_sampling_percentage=100,
        destination_s3_uri=f"s3://{bucket}/fares/captures",
        capture_options=[CaptureOption(capture_mode="Input"), CaptureOption(capture_mode="Output")],
    ),
)

# One alarm for old and new instances together: the metrics of an endpoint do not say which of the two answered.
boto3.client("cloudwatch").put_metric_alarm(
    AlarmName="fares-faults",
    Namespace="AWS/SageMaker",
    MetricName="Invocation5XXErrors",
    Dimensions=[{"Name": "EndpointName", "Value": "fares"}, {"Name": "VariantName", "Value": "all"}],
    Statistic="Sum",
    Period=60,
    EvaluationPeriods=1,
    Threshold=1,
    ComparisonOperator="GreaterThanOrEqualToThreshold",
    TreatMissingData="notBreaching",
)
guardrails = DeploymentConfig(
    blue_green_update_policy=BlueGreenUpdatePolicy(
        traffic_routing_configuration=TrafficRoutingConfig(
            type="CANARY",
            canary_size=CapacitySize(type="CAPACITY_PERCENT", value=10),
            wait_interval_in_seconds=300,
        ),
        termination_wait_in_seconds=600,
    ),
    auto_rollback_configuration=AutoRollbackConfig(alarms=[Alarm(alarm_name="fares-faults")]),
)


if any(endpoint.endpoint_name == "fares" for endpoint in Endpoint.get_all(name_contains="fares")):
    endpoint = Endpoint.get("fares")
    endpoint.endpoint_config_name = name
    endpoint.update(deployment_config=guardrails)
else:
    endpoint = Endpoint.create(endpoint_name="fares", endpoint_config_name=config)
endpoint.wait_for_status("InService", timeout=3600)
if endpoint.endpoint_config_name != name:
    sys.exit(f"release {release} is not live: {endpoint.failure_reason}")
