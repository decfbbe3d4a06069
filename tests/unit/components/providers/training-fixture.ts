import type { TrainingJobInputs } from "../../../../components/providers/jobs/training-job-provider";

export const ARN = "arn:aws:sagemaker:us-east-1:123456789012:training-job/mlops-nyctaxi-r1";
export const ARCHIVE = "s3://bucket/mlops-nyctaxi/mlops-nyctaxi-r1/output/model.tar.gz";

export const given: TrainingJobInputs = {
  region: "us-east-1",
  jobName: "mlops-nyctaxi-r1",
  trainingImage: "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
  roleArn: "arn:aws:iam::123456789012:role/training",
  hyperparameters: { max_depth: "9", eta: "0.2" },
  channels: [{ name: "train", s3Uri: "s3://bucket/nyc-tlc/v1/data/training", contentType: "csv" }],
  s3OutputPath: "s3://bucket/mlops-nyctaxi",
  instanceType: "ml.m4.xlarge",
  experiment: { experimentName: "mlops-nyctaxi", trialName: "mlops-nyctaxi-r1", displayName: "Training" },
  tags: { GitBranch: "main", GitCommitHash: "c0ffee" },
  gate: { metricName: "validation:rmse", maximum: 10 },
  pollSeconds: 0.002,
  timeoutSeconds: 5,
};

export const metrics = (rmse: number) => [
  { MetricName: "train:rmse", Value: 2.69, Timestamp: new Date(0) },
  { MetricName: "validation:rmse", Value: rmse, Timestamp: new Date(0) },
];
export const starting = { TrainingJobStatus: "InProgress", SecondaryStatus: "Starting" } as const;
export const training = { TrainingJobStatus: "InProgress", SecondaryStatus: "Training" } as const;
export const completed = (rmse = 2.74) =>
  ({
    TrainingJobStatus: "Completed",
    SecondaryStatus: "Completed",
    ModelArtifacts: { S3ModelArtifacts: ARCHIVE },
    FinalMetricDataList: metrics(rmse),
    BillableTimeInSeconds: 61,
    TrainingTimeInSeconds: 62,
  }) as const;
export const failed = {
  TrainingJobStatus: "Failed",
  SecondaryStatus: "Failed",
  FailureReason: "AlgorithmError: no rows",
} as const;
