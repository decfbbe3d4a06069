import {
  CreateNotebookInstanceCommand,
  CreateNotebookInstanceLifecycleConfigCommand,
  DeleteNotebookInstanceCommand,
  DeleteNotebookInstanceLifecycleConfigCommand,
  DescribeNotebookInstanceCommand,
  DescribeNotebookInstanceLifecycleConfigCommand,
  DirectInternetAccess,
  _InstanceType as InstanceType,
  type NotebookInstanceStatus,
  RootAccess,
  StartNotebookInstanceCommand,
  StopNotebookInstanceCommand,
  UpdateNotebookInstanceCommand,
  UpdateNotebookInstanceLifecycleConfigCommand,
} from "@aws-sdk/client-sagemaker";
import { type Aws, PROPAGATION, type Patience } from "../aws";
import { errorMessage, errorName, unlessGone } from "../failures";
import { block, number, oneOf, set, text } from "../kinds";
import { autoNamed, optional, required, withDefault } from "../properties";
import { resource } from "../resource";
import { tagList, tagsArgument } from "../tags";
import { SAGEMAKER_NAME, isGone, sageMaker, sageMakerTagging, sageMakerTags } from "./sagemaker";

const DEFAULT_VOLUME_GB = 5;

const notebookInstance = resource({
  type: "aws:sagemaker/notebookInstance:NotebookInstance",
  inputs: {
    name: autoNamed(text, SAGEMAKER_NAME),
    instanceType: required(oneOf(InstanceType)),
    roleArn: required(text),
    lifecycleConfigName: optional(text),
    kmsKeyId: optional(text, { replaces: true }),
    subnetId: optional(text, { replaces: true }),
    securityGroups: optional(set(text), { replaces: true, computed: true }),
    directInternetAccess: withDefault(oneOf(DirectInternetAccess), "Enabled", { replaces: true }),
    rootAccess: withDefault(oneOf(RootAccess), "Enabled"),
    volumeSize: withDefault(number, DEFAULT_VOLUME_GB),
    platformIdentifier: optional(text, { replaces: true, computed: true }),
    instanceMetadataServiceConfiguration: optional(
      block({ minimumInstanceMetadataServiceVersion: optional(text, { computed: true }) }),
      { computed: true },
    ),
    tags: tagsArgument,
  },
  outputs: ["arn", "networkInterfaceId", "url"],
  identity: ["name"],
  tagging: sageMakerTagging,
  async create({ aws, inputs, tags }) {
    const request = new CreateNotebookInstanceCommand({
      NotebookInstanceName: inputs.name,
      InstanceType: inputs.instanceType,
      RoleArn: inputs.roleArn,
      LifecycleConfigName: inputs.lifecycleConfigName,
      KmsKeyId: inputs.kmsKeyId,
      SubnetId: inputs.subnetId,
      SecurityGroupIds: inputs.securityGroups,
      DirectInternetAccess: inputs.directInternetAccess,
      RootAccess: inputs.rootAccess,
      VolumeSizeInGB: inputs.volumeSize,
      PlatformIdentifier: inputs.platformIdentifier,
      InstanceMetadataServiceConfiguration: metadataService(inputs),
      Tags: tagList(tags),
    });
    // The AWS provider does not try this again. A role that was made a moment ago is known late all the same.
    const roleIsNew = (error: unknown) => /could not assume role/i.test(errorMessage(error));
    await aws.retried(roleIsNew, PROPAGATION, () => sageMaker(aws).send(request));
    return inputs.name;
  },
  async settle({ aws, id, patience }) {
    await reached(aws, id, "InService", patience);
  },
  async read({ aws, id }) {
    const found = await describe(aws, id);
    return (
      found && {
        inputs: {
          name: found.NotebookInstanceName,
          instanceType: found.InstanceType,
          roleArn: found.RoleArn,
          lifecycleConfigName: found.NotebookInstanceLifecycleConfigName,
          kmsKeyId: found.KmsKeyId,
          subnetId: found.SubnetId,
          securityGroups: found.SecurityGroups,
          directInternetAccess: found.DirectInternetAccess,
          rootAccess: found.RootAccess,
          volumeSize: found.VolumeSizeInGB,
          platformIdentifier: found.PlatformIdentifier,
          instanceMetadataServiceConfiguration: found.InstanceMetadataServiceConfiguration && {
            minimumInstanceMetadataServiceVersion:
              found.InstanceMetadataServiceConfiguration.MinimumInstanceMetadataServiceVersion,
          },
        },
        outputs: {
          arn: found.NotebookInstanceArn,
          networkInterfaceId: found.NetworkInterfaceId ?? "",
          url: found.Url,
        },
        tags: await sageMakerTags(aws, found.NotebookInstanceArn),
      }
    );
  },
  // Only an instance that is stopped can be changed. It is started again if it ran.
  async update({ aws, id, inputs, changed, patience }) {
    if ([...changed].every((key) => key === "tags")) {
      return;
    }
    const ran = (await describe(aws, id))?.NotebookInstanceStatus === "InService";
    await stop(aws, id, patience);
    await sageMaker(aws).send(
      new UpdateNotebookInstanceCommand({
        NotebookInstanceName: id,
        InstanceType: inputs.instanceType,
        RoleArn: inputs.roleArn,
        ...(inputs.lifecycleConfigName === undefined
          ? { DisassociateLifecycleConfig: true }
          : { LifecycleConfigName: inputs.lifecycleConfigName }),
        RootAccess: inputs.rootAccess,
        VolumeSizeInGB: inputs.volumeSize,
        InstanceMetadataServiceConfiguration: metadataService(inputs),
      }),
    );
    await reached(aws, id, "Stopped", patience);
    if (ran) {
      await sageMaker(aws).send(new StartNotebookInstanceCommand({ NotebookInstanceName: id }));
      await reached(aws, id, "InService", patience);
    }
  },
  async delete({ aws, id, patience }) {
    await stop(aws, id, patience);
    await unlessGone(isGoneNotebook, () =>
      sageMaker(aws).send(new DeleteNotebookInstanceCommand({ NotebookInstanceName: id })),
    );
    await aws.until(`notebook instance ${id} to be gone`, patience, async () =>
      (await describe(aws, id)) === undefined ? true : undefined,
    );
  },
});

/** SageMaker has words of its own for an instance that is not there. */
const isGoneNotebook = (error: unknown) => errorMessage(error).includes("RecordNotFound") || isGone(error);

function metadataService(inputs: {
  readonly instanceMetadataServiceConfiguration?: { readonly minimumInstanceMetadataServiceVersion?: string };
}) {
  const version = inputs.instanceMetadataServiceConfiguration?.minimumInstanceMetadataServiceVersion;
  return version === undefined ? undefined : { MinimumInstanceMetadataServiceVersion: version };
}

function describe(aws: Aws, NotebookInstanceName: string) {
  return unlessGone(isGoneNotebook, () =>
    sageMaker(aws).send(new DescribeNotebookInstanceCommand({ NotebookInstanceName })),
  );
}

async function stop(aws: Aws, id: string, patience: Patience): Promise<void> {
  if ((await describe(aws, id))?.NotebookInstanceStatus === "InService") {
    await sageMaker(aws).send(new StopNotebookInstanceCommand({ NotebookInstanceName: id }));
    await reached(aws, id, "Stopped", patience);
  }
}

function reached(aws: Aws, id: string, status: NotebookInstanceStatus, patience: Patience): Promise<true> {
  return aws.until(`notebook instance ${id} to be ${status}`, patience, async () => {
    const found = await describe(aws, id);
    if (found?.NotebookInstanceStatus === "Failed") {
      throw new Error(`notebook instance ${id} failed: ${found.FailureReason ?? "no reason given"}`);
    }
    return found?.NotebookInstanceStatus === status ? true : undefined;
  });
}

const lifecycleConfiguration = resource({
  type: "aws:sagemaker/notebookInstanceLifecycleConfiguration:NotebookInstanceLifecycleConfiguration",
  inputs: {
    name: autoNamed(text, SAGEMAKER_NAME),
    onCreate: optional(text),
    onStart: optional(text),
    tags: tagsArgument,
  },
  outputs: ["arn"],
  identity: ["name"],
  tagging: sageMakerTagging,
  async create({ aws, inputs, tags }) {
    const request = { ...scripts(inputs), NotebookInstanceLifecycleConfigName: inputs.name, Tags: tagList(tags) };
    await sageMaker(aws).send(new CreateNotebookInstanceLifecycleConfigCommand(request));
    return inputs.name;
  },
  async read({ aws, id: NotebookInstanceLifecycleConfigName }) {
    const request = new DescribeNotebookInstanceLifecycleConfigCommand({ NotebookInstanceLifecycleConfigName });
    const found = await unlessGone(isGone, () => sageMaker(aws).send(request));
    return (
      found && {
        inputs: {
          name: found.NotebookInstanceLifecycleConfigName,
          onCreate: found.OnCreate?.[0]?.Content,
          onStart: found.OnStart?.[0]?.Content,
        },
        outputs: { arn: found.NotebookInstanceLifecycleConfigArn },
        tags: await sageMakerTags(aws, found.NotebookInstanceLifecycleConfigArn),
      }
    );
  },
  async update({ aws, id, inputs }) {
    const request = { ...scripts(inputs), NotebookInstanceLifecycleConfigName: id };
    await sageMaker(aws).send(new UpdateNotebookInstanceLifecycleConfigCommand(request));
  },
  async delete({ aws, id: NotebookInstanceLifecycleConfigName }) {
    const request = new DeleteNotebookInstanceLifecycleConfigCommand({ NotebookInstanceLifecycleConfigName });
    // The AWS provider takes every ValidationException here to mean that it is gone.
    await unlessGone(
      (error) => errorName(error) === "ValidationException",
      () => sageMaker(aws).send(request),
    );
  },
});

function scripts({ onCreate, onStart }: { readonly onCreate?: string; readonly onStart?: string }) {
  return {
    ...(onCreate === undefined ? {} : { OnCreate: [{ Content: onCreate }] }),
    ...(onStart === undefined ? {} : { OnStart: [{ Content: onStart }] }),
  };
}

export const resources = [notebookInstance, lifecycleConfiguration];
