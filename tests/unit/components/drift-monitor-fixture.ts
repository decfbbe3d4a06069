import { DriftMonitor } from "../../../components/drift-monitor";
import type { DriftMonitorArgs } from "../../../components/drift-monitor/arguments";
import { record, type Recording } from "../../support/recorder";

export const KEY = "arn:aws:kms:us-east-1:123456789012:key/k";
export const TOPIC = "arn:aws:sns:us-east-1:123456789012:people";
export const IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3";
export const args: DriftMonitorArgs = {
  monitorName: "mlops-nyctaxi-pms",
  functionName: "mlops-nyctaxi-api",
  captureUri: "s3://data/mlops-nyctaxi/datacapture/",
  baselineUri: "s3://data/mlops-nyctaxi/monitoring/baseline/mlops-nyctaxi-pbl-{release}",
  outputUri: "s3://data/mlops-nyctaxi/monitoring",
  image: IMAGE,
};
export const made = (over: Partial<DriftMonitorArgs> = {}) =>
  record(() => new DriftMonitor("drift", { ...args, ...over }));
export type Made = Recording<DriftMonitor>;

export const alarm = ({ made: all }: Made, name: string) =>
  all.find(({ type, inputs }) => type === "aws:cloudwatch/metricAlarm:MetricAlarm" && inputs.name === name)!.inputs;
export const refusal = (over: Partial<DriftMonitorArgs>) =>
  made(over).then(
    () => "nothing was refused",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
