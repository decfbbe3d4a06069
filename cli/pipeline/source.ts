import { CodePipelineClient, GetPipelineCommand } from "@aws-sdk/client-codepipeline";
import type { AwsSettings } from "../support/context";

/** Where a pipeline takes `data-source.zip` from. */
export interface DataPlace {
  readonly Bucket: string;
  readonly Key: string;
}

/** The object that a new version of starts a pipeline, as the pipeline itself says. @throws if it has none */
export async function dataPlaceOf(aws: AwsSettings, pipelineName: string): Promise<DataPlace> {
  const { pipeline } = await new CodePipelineClient(aws).send(new GetPipelineCommand({ name: pipelineName }));
  const actions = pipeline?.stages?.flatMap(({ actions: all = [] }) => all) ?? [];
  const source = actions.find(
    ({ actionTypeId }) => actionTypeId?.category === "Source" && actionTypeId.provider === "S3",
  );
  const { S3Bucket: Bucket, S3ObjectKey: Key } = source?.configuration ?? {};
  if (Bucket === undefined || Key === undefined) {
    throw new Error(`pipeline ${pipelineName} takes no data from S3: it is none of this project`);
  }
  return { Bucket, Key };
}
