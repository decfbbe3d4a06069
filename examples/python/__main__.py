import pulumi
from pulumi_sagemaker_safe_deploy import TrainingJob

config = pulumi.Config()
bucket = config.require("bucket")

training = TrainingJob(
    "fares",
    job_name=f"fares-{config.require('release')}",
    training_image="683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
    channels=[{"name": "train", "s3_uri": f"s3://{bucket}/fares/train/"}],
    hyperparameters={"num_round": "5"},
    output_uri=f"s3://{bucket}/fares",
    instance_type="ml.m5.xlarge",
    poll_seconds=config.get_float("pollSeconds"),
)

pulumi.export("model", training.model_data_url)
pulumi.export("metrics", training.metrics)
