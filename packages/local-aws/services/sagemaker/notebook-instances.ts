import {
  CreateNotebookInstanceCommand,
  DeleteNotebookInstanceCommand,
  DescribeNotebookInstanceCommand,
  ListNotebookInstancesCommand,
  StartNotebookInstanceCommand,
  StopNotebookInstanceCommand,
  UpdateNotebookInstanceCommand,
  type NotebookInstanceStatus,
  type UpdateNotebookInstanceCommandInput,
} from "@aws-sdk/client-sagemaker";
import { RunControl } from "../../core/run-control";
import { operation, type Checked, type Operation } from "../../core/operation";
import { sageMakerArn, type Context } from "./context";
import { invalid, refuseMembers } from "./errors";
import { ExecutionRole } from "./execution-role";
import { listPage } from "./listing";
import { refuseVolumeKey } from "./local-storage";
import { NotebookInstance, type NotebookInstanceInput } from "./notebook-instance";
import { lifecycleConfigNamed } from "./notebook-lifecycle-configs";

/** AWS seconds until an instance has started, stopped or gone. */
const CHANGE_SECONDS = { InService: 180, Stopped: 60, Deleted: 30 } as const;

/** Members that this local AWS would have to ignore. */
const UNKNOWN = ["AcceleratorTypes", "AdditionalCodeRepositories", "DefaultCodeRepository", "IpAddressType"];
const UNKNOWN_OF_UPDATE = [
  "DisassociateAcceleratorTypes",
  "DisassociateAdditionalCodeRepositories",
  "DisassociateDefaultCodeRepository",
];

/**
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateNotebookInstance.html and its siblings. An instance is its record: no
 * Jupyter runs, and no script of its lifecycle configuration.
 */
export function notebookInstanceOperations(context: Context): readonly Operation[] {
  const { notebookInstances: instances, tags } = context.store;
  return [
    operation(CreateNotebookInstanceCommand, async (input) => {
      const { NotebookInstanceName: name } = input;
      const arn = notebookArn(context, name);
      refuseDuplicate(context, name);
      await check(context, input);
      refuseDuplicate(context, name);
      tags.create(arn, input.Tags);
      const instance = new NotebookInstance(name, arn, input);
      instances.set(name, instance);
      change(context, instance, "Pending", "InService");
      return { NotebookInstanceArn: arn };
    }),
    operation(DescribeNotebookInstanceCommand, ({ NotebookInstanceName: name }) =>
      described(context, instanceNamed(context, name)),
    ),
    operation(UpdateNotebookInstanceCommand, async (input) => {
      const instance = instanceIn(context, input.NotebookInstanceName, ["Stopped", "Failed"], "Updating");
      const next = updated(instance.input, input);
      await check(context, next);
      instance.input = next;
      change(context, instance, "Updating", "Stopped");
      return {};
    }),
    operation(StartNotebookInstanceCommand, ({ NotebookInstanceName: name }) => {
      change(context, instanceIn(context, name, ["Stopped", "Failed"], "Pending"), "Pending", "InService");
      return {};
    }),
    operation(StopNotebookInstanceCommand, ({ NotebookInstanceName: name }) => {
      change(context, instanceIn(context, name, ["InService"], "Stopping"), "Stopping", "Stopped");
      return {};
    }),
    operation(DeleteNotebookInstanceCommand, ({ NotebookInstanceName: name }) => {
      change(context, instanceIn(context, name, ["Stopped", "Failed"], "Deleting"), "Deleting", "Deleted");
      return {};
    }),
    operation(ListNotebookInstancesCommand, (request) => {
      refuseMembers(
        request,
        ["DefaultCodeRepositoryContains", "AdditionalCodeRepositoryEquals"],
        "ListNotebookInstances",
      );
      const { NotebookInstanceLifecycleConfigNameContains: part = "" } = request;
      const all = [...instances.values()].filter(({ input }) => (input.LifecycleConfigName ?? "").includes(part));
      const { items, NextToken } = listPage(all, request, "Descending");
      return {
        NotebookInstances: items.map(({ name, arn, status, input, createdAt, modifiedAt }) => ({
          NotebookInstanceName: name,
          NotebookInstanceArn: arn,
          NotebookInstanceStatus: status,
          InstanceType: input.InstanceType,
          NotebookInstanceLifecycleConfigName: input.LifecycleConfigName,
          CreationTime: createdAt,
          LastModifiedTime: modifiedAt,
        })),
        NextToken,
      };
    }),
  ];
}

const notebookArn = (context: Context, name: string) => sageMakerArn(context, "notebook-instance", name);

function refuseDuplicate(context: Context, name: string): void {
  if (context.store.notebookInstances.has(name)) {
    throw invalid(`Cannot create a duplicate Notebook Instance (${notebookArn(context, name)})`);
  }
}

function instanceNamed(context: Context, name: string): NotebookInstance {
  const instance = context.store.notebookInstances.get(name);
  if (instance === undefined) {
    // All that AWS says.
    throw invalid("RecordNotFound");
  }
  return instance;
}

/** The instance of that name. @throws AwsError `ValidationException` if it is in another status than these */
function instanceIn(
  context: Context,
  name: string,
  statuses: readonly NotebookInstanceStatus[],
  next: NotebookInstanceStatus,
): NotebookInstance {
  const instance = instanceNamed(context, name);
  if (!statuses.includes(instance.status)) {
    throw invalid(
      `Status (${instance.status}) not in ([${statuses.join(", ")}]). Unable to transition to (${next}) for Notebook Instance (${instance.arn})`,
    );
  }
  return instance;
}

async function check(context: Context, input: NotebookInstanceInput): Promise<void> {
  refuseMembers(input, UNKNOWN, "CreateNotebookInstance");
  if (input.LifecycleConfigName !== undefined) {
    lifecycleConfigNamed(context, input.LifecycleConfigName, "describe");
  }
  if (input.DirectInternetAccess === "Disabled" && input.SubnetId === undefined) {
    throw invalid("DirectInternetAccess can be Disabled only where a SubnetId is given.");
  }
  refuseVolumeKey("KmsKeyId", input.KmsKeyId, input.InstanceType);
  const refused = `SageMaker could not assume role ${input.RoleArn}. Make sure that it exists and trusts sagemaker.amazonaws.com.`;
  const role = await ExecutionRole.assume(context.local, input.RoleArn, refused);
  role.close();
}

function updated(
  before: NotebookInstanceInput,
  { DisassociateLifecycleConfig: withoutScripts = false, ...input }: Checked<UpdateNotebookInstanceCommandInput>,
): NotebookInstanceInput {
  refuseMembers(input, [...UNKNOWN, ...UNKNOWN_OF_UPDATE], "UpdateNotebookInstance");
  const { VolumeSizeInGB: volume = DEFAULT_VOLUME_GB } = before;
  if (input.VolumeSizeInGB !== undefined && input.VolumeSizeInGB < volume) {
    throw invalid(`VolumeSizeInGB cannot become less than ${volume}, got ${input.VolumeSizeInGB}`);
  }
  return { ...before, ...input, ...(withoutScripts ? { LifecycleConfigName: undefined } : {}) };
}

/** Brings an instance into its next status, as soon as AWS would have. */
function change(
  context: Context,
  instance: NotebookInstance,
  through: NotebookInstanceStatus,
  to: keyof typeof CHANGE_SECONDS,
): void {
  const { store, local, background } = context;
  instance.enter(through);
  const control = new RunControl(local.clock);
  background.begin(`notebook instance ${instance.name}`, async () => {
    await control.pause(CHANGE_SECONDS[to]);
    if (to === "Deleted") {
      store.notebookInstances.delete(instance.name);
      store.tags.forget(instance.arn);
    } else {
      instance.enter(to);
    }
  });
}

const DEFAULT_VOLUME_GB = 5;

function described({ local }: Context, { name, arn, status, input, ...times }: NotebookInstance) {
  return {
    NotebookInstanceName: name,
    NotebookInstanceArn: arn,
    NotebookInstanceStatus: status,
    InstanceType: input.InstanceType,
    RoleArn: input.RoleArn,
    KmsKeyId: input.KmsKeyId,
    SubnetId: input.SubnetId,
    SecurityGroups: input.SecurityGroupIds,
    NotebookInstanceLifecycleConfigName: input.LifecycleConfigName,
    DirectInternetAccess: input.DirectInternetAccess ?? "Enabled",
    RootAccess: input.RootAccess ?? "Enabled",
    VolumeSizeInGB: input.VolumeSizeInGB ?? DEFAULT_VOLUME_GB,
    PlatformIdentifier: input.PlatformIdentifier ?? "notebook-al2023-v1",
    InstanceMetadataServiceConfiguration: input.InstanceMetadataServiceConfiguration,
    Url: `${name}.notebook.${local.account.region}.sagemaker.aws`,
    CreationTime: times.createdAt,
    LastModifiedTime: times.modifiedAt,
  } as const;
}
