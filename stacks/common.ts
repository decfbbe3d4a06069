/** What the stacks share: where a release's files are, the tags of its resources, and what exists already. */
import * as pulumi from "@pulumi/pulumi";
import { getCallerIdentity } from "@pulumi/aws/getCallerIdentity";
import { getRegion } from "@pulumi/aws/getRegion";
import { getPrebuiltEcrImageOutput } from "@pulumi/aws/sagemaker/getPrebuiltEcrImage";
import { Waiter } from "../components/providers/support/waiter";
import { ownOutputs } from "../components/safe-model/releases-before";
import { isNoSuchJob, newestAttempt } from "../lib/attempts";
import { releasesIn, type ReleasesBefore } from "../lib/kept-releases";
import type { Model, ModelImage } from "../lib/model";
import { modelPrefix, releaseNames, type ReleaseKey } from "../lib/release";
import { stackPart } from "../lib/stack-name";
import { tagValue } from "../lib/tag-value";

/** The configured bucket, else the one of SageMaker's own tools: sagemaker-<region>-<account>. */
export async function bucketOf({ bucket }: { readonly bucket?: string }): Promise<string> {
  if (bucket !== undefined) {
    return bucket;
  }
  const [{ region }, { accountId }] = await Promise.all([getRegion(), getCallerIdentity()]);
  return `sagemaker-${region}-${accountId}`;
}

/** URI of an image; that of one of SageMaker's own in the region of the stack. */
export function imageUri(image: ModelImage): pulumi.Input<string> {
  return "uri" in image
    ? image.uri
    : getPrebuiltEcrImageOutput({ repositoryName: image.repository, imageTag: image.tag }).registryPath;
}

/** What SageMaker's containers find a model's own script by, which it has put into its archive; none for a built-in algorithm. */
export function servingEnvironment({ script }: Model): Record<string, string> | undefined {
  return script && { SAGEMAKER_PROGRAM: script.entryPoint, SAGEMAKER_SUBMIT_DIRECTORY: "/opt/ml/model/code" };
}

/** What a release was made from. Each known value becomes a tag. */
export interface Origin {
  readonly model: string;
  readonly gitBranch?: string;
  readonly gitCommit?: string;
  readonly dataVersion?: string;
}

/** Tags of everything that belongs to one release in this stack. A value is changed where AWS would not take it. */
export function releaseTags(origin: Origin): Record<string, string> {
  const tags = {
    "mlops:model-name": modelPrefix(origin.model),
    "mlops:stage": stackPart(pulumi.getStack()),
    GitBranch: origin.gitBranch,
    GitCommitHash: origin.gitCommit,
    DataVersionId: origin.dataVersion,
  };
  return Object.fromEntries(
    Object.entries(tags).flatMap(([key, value]) => (value === undefined ? [] : [[key, tagValue(value)]])),
  );
}

/**
 * Which of these endpoints exist in AWS, whether the stack knows them or not. SageMaker takes minutes to create an endpoint. An update that
 * was killed meanwhile leaves one that the state does not have. One that has failed is as good as none: `AutoscaledEndpoint` deletes it.
 */
export async function endpointsThere(names: readonly string[]): Promise<ReadonlySet<string>> {
  const { region } = await getRegion();
  // Loaded only here, since loading takes long and stack train does not need it.
  const { DescribeEndpointCommand, SageMakerClient } = await import("@aws-sdk/client-sagemaker");
  const sageMaker = new SageMakerClient({ region });
  const isThere = async (EndpointName: string): Promise<boolean> => {
    const waiter = new Waiter(`endpoint ${EndpointName}`, { pollSeconds: 5, timeoutSeconds: 300 });
    try {
      const { EndpointStatus } = await waiter.call(() => sageMaker.send(new DescribeEndpointCommand({ EndpointName })));
      return EndpointStatus !== "Deleting" && EndpointStatus !== "Failed";
    } catch (error) {
      if (error instanceof Error && /could not find endpoint/i.test(error.message)) {
        return false;
      }
      throw error;
    }
  };
  const found = await Promise.all(names.map(async (name) => ((await isThere(name)) ? [name] : [])));
  return new Set(found.flat());
}

/**
 * Where the archive of a release's model is: where its training job has written it, which may have taken more than one attempt. Without a
 * job it is the place that follows from the release.
 */
export async function modelArchive(key: ReleaseKey): Promise<string> {
  const job = await trainingJobOf(key);
  return job?.ModelArtifacts?.S3ModelArtifacts ?? releaseNames(key).modelArchiveUri;
}

/** The training job of a release as it is in AWS: its newest attempt, if there is any. */
export async function trainingJobOf(key: ReleaseKey) {
  const { region } = await getRegion();
  const { DescribeTrainingJobCommand, SageMakerClient } = await import("@aws-sdk/client-sagemaker");
  const sageMaker = new SageMakerClient({ region });
  const find = async (TrainingJobName: string) => {
    const waiter = new Waiter(`training job ${TrainingJobName}`, { pollSeconds: 5, timeoutSeconds: 300 });
    try {
      return await waiter.call(() => sageMaker.send(new DescribeTrainingJobCommand({ TrainingJobName })));
    } catch (error) {
      if (isNoSuchJob(error)) {
        return undefined;
      }
      throw error;
    }
  };
  const isFailed = ({ TrainingJobStatus }: { readonly TrainingJobStatus?: string }) => TrainingJobStatus === "Failed";
  return (await newestAttempt(releaseNames(key).trainingJob, find, isFailed))?.found;
}

/** The outputs of this stack's last update about its releases; none before the first. */
export async function releasesBefore(): Promise<ReleasesBefore> {
  return releasesIn(await ownOutputs());
}
