import pulumi
from pulumi_sagemaker_safe_deploy import SafeModel, TrainingJob

config = pulumi.Config()
release = config.require("release")  # another one is trained, deployed and, if it is good, takes over
data = f"s3://{config.require('bucket')}/fares"  # train/ has CSV files: fare, kilometres
poll_seconds = config.get_float("pollSeconds")  # 120 for the job and 15 for the rollout, if it is not set
image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"

training = TrainingJob(
    f"train-{release}",
    job_name=f"fares-{release}",
    training_image=image,
    channels=[{"name": "train", "s3_uri": f"{data}/train/"}],
    hyperparameters={"objective": "reg:squarederror", "num_round": "50"},
    output_uri=f"{data}/models",
    instance_type="ml.m5.xlarge",
    quality_gate={"metric_name": "train:rmse", "maximum": 4},
    poll_seconds=poll_seconds,
)
fares = SafeModel(
    "fares",
    release=release,
    model=training.model_data_url,
    image=image,
    serve={"instance_type": "ml.m5.large"},
    check={"requests": ["1.5", "12"], "accept": {"type": "number", "minimum": 0, "maximum": 500}},
    front={"auth": "apiKey"},
    capture={"destination_uri": f"{data}/captures"},
    rollout={"bake_seconds": config.get_float("bakeSeconds"), "poll_seconds": poll_seconds},
)

pulumi.export("url", fares.url)
pulumi.export("apiKey", fares.api_key)  # a secret
pulumi.export("liveRelease", fares.live_release)
