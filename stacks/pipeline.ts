import * as pulumi from "@pulumi/pulumi";
import { getRegion } from "@pulumi/aws/getRegion";
import { DeploymentPipeline } from "../components/deployment-pipeline";
import { ReleaseNotebook } from "../components/release-notebook";
import type { StackConfig } from "../lib/config";
import { explained } from "../lib/errors";
import type { Model } from "../lib/model";
import { modelPrefix } from "../lib/release";
import { bucketOf } from "./common";
import { requirePlaces } from "./places";

/** The pipeline that takes a model's releases through the other stacks. */
export async function pipeline(config: StackConfig<"pipeline">, model: Model) {
  const bucket = await bucketOf(config);
  await requirePlaces(bucket);
  const made = new DeploymentPipeline("pipeline", {
    model: config.model,
    bucket,
    kmsKeyArn: config.kmsKeyArn,
    repository: config.repository,
    state: {
      url: config.stateUrl,
      secretsProvider: config.secretsProvider,
      secretsKeyArn: await secretsKey(config.secretsProvider),
      accessTokenSecretArn: config.pulumiAccessTokenSecretArn,
      project: pulumi.getProject(),
    },
    executionMode: config.executionMode,
    schedule: { expression: config.scheduleExpression, enabled: config.scheduleEnabled },
    retrain: config.retrain,
    notificationEmail: config.notificationEmail,
    approvalTimeoutMinutes: config.approvalTimeoutMinutes,
    beforeApproval: config.beforeApproval,
    pullRequests: config.pullRequests,
    artifactDays: config.artifactDays,
    stackConfig: withModelFolder(config),
    checks: config.checks,
    tags: tagsOf(config),
  });
  const notebook = releaseNotebook(config, model, bucket, made);
  return {
    pipelineName: made.pipelineName,
    artifactBucket: made.artifactBucket,
    dataSourceUri: made.dataSourceUri,
    topicArn: made.topicArn,
    ...(made.retrainFunctionName === undefined ? {} : { retrainFunctionName: made.retrainFunctionName }),
    ...(made.pullRequestPipelineName === undefined ? {} : { pullRequestPipelineName: made.pullRequestPipelineName }),
    ...(notebook === undefined ? {} : { notebookInstanceName: notebook.notebookInstanceName }),
  };
}

const tagsOf = ({ model }: StackConfig<"pipeline">) => ({
  "mlops:model-name": modelPrefix(model),
  "mlops:stage": "pipeline",
});

/** The notebook instance, where the config wants one. */
function releaseNotebook(
  config: StackConfig<"pipeline">,
  { dataPrefix }: Model,
  bucket: string,
  of: DeploymentPipeline,
) {
  if (config.notebook === false) {
    return undefined;
  }
  const { model, repository, kmsKeyArn } = config;
  const { pipelineArn, dataSourceUri, artifactKeyArn } = of;
  return new ReleaseNotebook("notebook", {
    ...{ ...config.notebook, model, repository, bucket, dataPrefix, kmsKeyArn },
    ...{ pipelineArn, dataSourceUri, artifactKeyArn, tags: tagsOf(config) },
  });
}

/** The stacks' config, with the folder of the model that this pipeline is for. */
function withModelFolder({ stackConfig: { train, dev, prod }, modelFolder }: StackConfig<"pipeline">) {
  return { train: { ...train, modelFolder }, dev: { ...dev, modelFolder }, prod: { ...prod, modelFolder } };
}

/** ARN of the key of a secrets provider such as `awskms:///alias/name?region=us-east-1`. Policies must name the key itself, not its alias. */
async function secretsKey(secretsProvider: string): Promise<string | undefined> {
  const [, keyId, query] = /^awskms:\/\/\/([^?]+)(?:\?(.*))?$/.exec(secretsProvider) ?? [];
  if (keyId === undefined) {
    return undefined;
  }
  const region = new URLSearchParams(query).get("region") ?? (await getRegion()).region;
  // Loaded only here, since loading takes long and no other stack needs it.
  const { DescribeKeyCommand, KMSClient } = await import("@aws-sdk/client-kms");
  try {
    const { KeyMetadata } = await new KMSClient({ region }).send(new DescribeKeyCommand({ KeyId: keyId }));
    return KeyMetadata?.Arn;
  } catch (error) {
    const why = explained(error).message;
    throw new Error(`the key of secretsProvider ${secretsProvider} cannot be found: ${why}`, { cause: error });
  }
}
