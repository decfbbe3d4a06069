import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ListProcessingJobsCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { expect } from "chai";
import { clientConfig } from "local-aws/core/local";
import { DriftWatch } from "../../../local/journey/drift";
import { ownModel } from "../../../local/journey/models";
import { testRows } from "../../../cli/data/test-rows";
import { shifted } from "../../../local/journey/shift";
import { SPEED, type LocalProject } from "../../support/local-project";
import { eventually } from "../../support/pipeline-executions";

const ENDPOINT = "mlops-nyctaxi-prd-r1";

/** A day's windows, and a schedule that is due half a minute after it is made, at the project's speed. */
export const WATCHED = { driftMonitor: JSON.stringify({ windowSeconds: 86_400, schedule: "rate(5 hours)" }) };

/** Text of an object of the project's bucket. */
async function textOf({ aws, account }: LocalProject, Key: string): Promise<string> {
  const s3 = new S3Client({ ...clientConfig(aws), forcePathStyle: true });
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: account.bucket, Key }));
  return (await Body?.transformToString()) ?? "";
}

/** The inputs of 300 trips that are longer than those that the model knows. */
export async function longerTrips(local: LocalProject): Promise<string> {
  const trips = testRows(await textOf(local, "nyc-tlc/v1/data/validation/validation.csv")).slice(0, 300);
  return trips.map((trip) => shifted(ownModel(), { column: "trip_distance", times: 4 }, trip).inputs).join("\n");
}

/** Puts a file into the project's bucket. */
export async function put({ aws, account }: LocalProject, Key: string, Body: string): Promise<void> {
  const s3 = new S3Client({ ...clientConfig(aws), forcePathStyle: true });
  await s3.send(new PutObjectCommand({ Bucket: account.bucket, Key, Body }));
}

/**
 * Sends longer trips than the model knows to the live release, has their window looked at, and expects the alarm. By then a training that
 * nobody has approved has written over the baseline that the release was trained with.
 */
export async function findsDrift(local: LocalProject): Promise<void> {
  for (const file of ["statistics", "constraints"]) {
    await put(local, `mlops-nyctaxi/monitoring/baseline/mlops-nyctaxi-pbl-r1/${file}.json`, '{"features": []}');
  }
  const watch = new DriftWatch(local.aws, ownModel(), SPEED);
  const Body = await longerTrips(local);
  const window = await watch.windowOf(async () => {
    const runtime = new SageMakerRuntimeClient(clientConfig(local.aws));
    await runtime.send(new InvokeEndpointCommand({ EndpointName: ENDPOINT, ContentType: "text/csv", Body }));
  });

  const [job, ...others] = await watch.start(window);
  expect(others).to.deep.equal([]);
  expect(job).to.include({ release: "r1", status: "started" });
  expect(await watch.start(window)).to.deep.equal([{ ...job, status: "exists" }]);

  const report = await watch.reportOf(job!);
  const hour = window.from.slice(0, 13).replaceAll(/[-T]/g, "/");
  const Key = `mlops-nyctaxi/monitoring/reports/${ENDPOINT}/${hour}/${job?.jobName}/drift.json`;
  expect(JSON.parse(await textOf(local, Key))).to.deep.include({ outcome: "compared", rows: 300 });
  const violated = Object.entries(report.features).flatMap(([name, one]) => (one.violated ? [name] : []));
  // What the model predicts of longer trips is more.
  expect(violated).to.have.members(["total_amount", "trip_distance"]);
  expect(await watch.alarm()).to.equal("mlops-nyctaxi-drift");
}

/** Expects that the schedule has had the day before looked at, which nobody has asked for and which has had no traffic. */
export async function looksByItself(local: LocalProject): Promise<void> {
  const sageMaker = new SageMakerClient(clientConfig(local.aws));
  const ofDays = async () => {
    const NameContains = "mlops-nyctaxi-pms-";
    const { ProcessingJobSummaries = [] } = await sageMaker.send(new ListProcessingJobsCommand({ NameContains }));
    const names = ProcessingJobSummaries.map(({ ProcessingJobName = "" }) => ProcessingJobName);
    return names.flatMap((name) => /-pms-(?<day>\d{8})0000-[0-9a-f]{8}$/.exec(name)?.groups?.day ?? []);
  };
  const [day = ""] = await eventually(ofDays, (days) => days.length > 0, 60);
  const folder = [day.slice(0, 4), day.slice(4, 6), day.slice(6), "00"].join("/");
  const Key = `mlops-nyctaxi/monitoring/reports/${ENDPOINT}/${folder}/drift.json`;
  const report = await eventually(
    () => textOf(local, Key).catch(() => ""),
    (text) => text !== "",
  );
  expect(JSON.parse(report)).to.deep.include({ release: "r1", outcome: "noData", rows: 0, violated: false });
}
