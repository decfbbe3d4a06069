import * as pulumi from "@pulumi/pulumi";
import { getPartitionOutput } from "@pulumi/aws/getPartition";
import * as sagemaker from "@pulumi/aws/sagemaker";
import { modelPrefix } from "../lib/release";
import { callerRegion } from "./caller";
import { Arns, pipelineName } from "./deployment-pipeline/names";
import { notebookProblems, type ReleaseNotebookArgs, type ReleaseNotebookNodes } from "./release-notebook/arguments";
import { notebookStatements } from "./release-notebook/permissions";
import { creationScript, encoded, startScript } from "./release-notebook/scripts";
import { serviceRole } from "./service-role";
import { refuse } from "./support/problems";
import { transform } from "./support/transform";

/**
 * A SageMaker notebook instance for the data scientists of a pipeline. It has the repository, a Jupyter kernel with what `notebook/mlops.ipynb`
 * needs, and a role that starts releases, follows and tries them, and reads what watches them. Whoever may open the instance
 * (`sagemaker:CreatePresignedNotebookInstanceUrl`) has what its role may do.
 *
 * The volume is encrypted, users get no root access, and the instance's metadata is told to version 2 of its service only. It costs from its
 * creation until it is stopped: `aws sagemaker stop-notebook-instance`.
 */
export class ReleaseNotebook extends pulumi.ComponentResource {
  /** Name of the instance. */
  readonly notebookInstanceName: pulumi.Output<string>;
  /** Where Jupyter is, for whoever AWS has given a link to it. */
  readonly url: pulumi.Output<string>;
  /** ARN of the instance's role. */
  readonly roleArn: pulumi.Output<string>;
  /** The resources that it is made of. */
  readonly nodes: ReleaseNotebookNodes;

  constructor(name: string, args: ReleaseNotebookArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-safe-deploy:index:ReleaseNotebook", name, {}, opts);
    refuse(notebookProblems(args), this);
    const arns = new Arns(this);
    const instanceName = `${modelPrefix(args.model)}-notebook`;
    const role = serviceRole(
      `${name}-role`,
      {
        description: `Notebook instance ${instanceName}`,
        service: "sagemaker.amazonaws.com",
        statements: notebookStatements(args, arns),
        tags: args.tags,
        transform: args.transform,
      },
      this,
    );
    const lifecycleConfiguration = this.createScripts(name, instanceName, args, arns);
    const instance = new sagemaker.NotebookInstance(
      ...transform<sagemaker.NotebookInstanceArgs>(
        args.transform?.instance,
        name,
        {
          name: instanceName,
          instanceType: args.instanceType ?? DEFAULT_TYPE,
          volumeSize: args.volumeSizeGB ?? DEFAULT_VOLUME_GB,
          roleArn: role.arn,
          lifecycleConfigName: lifecycleConfiguration.name,
          kmsKeyId: args.kmsKeyArn,
          rootAccess: "Disabled",
          platformIdentifier: PLATFORM,
          instanceMetadataServiceConfiguration: { minimumInstanceMetadataServiceVersion: "2" },
          subnetId: args.subnetId,
          securityGroups: args.securityGroupIds === undefined ? undefined : [...args.securityGroupIds],
          directInternetAccess: args.subnetId === undefined ? "Enabled" : "Disabled",
          tags: args.tags,
        },
        { parent: this },
      ),
    );
    this.notebookInstanceName = instance.name;
    this.url = instance.url;
    this.roleArn = role.arn;
    this.nodes = { role: role.role, policy: role.policy, lifecycleConfiguration, instance };
    this.registerOutputs({
      notebookInstanceName: this.notebookInstanceName,
      url: this.url,
      roleArn: this.roleArn,
    });
  }

  private createScripts(
    name: string,
    instanceName: string,
    { model, repository, ...args }: ReleaseNotebookArgs,
    arns: Arns,
  ) {
    const values = pulumi
      .all([args.bucket, callerRegion(this), arns.accountId, getPartitionOutput({}, { parent: this }).dnsSuffix])
      .apply(([bucket, region, accountId, domain]) => ({
        ...{ model, pipelineName: pipelineName(model), bucket, repository, region, accountId, domain },
      }));
    return new sagemaker.NotebookInstanceLifecycleConfiguration(
      ...transform<sagemaker.NotebookInstanceLifecycleConfigurationArgs>(
        args.transform?.lifecycleConfiguration,
        name,
        {
          name: instanceName,
          onCreate: values.apply((one) => encoded(creationScript(one))),
          onStart: values.apply((one) => encoded(startScript(one))),
          tags: args.tags,
        },
        { parent: this },
      ),
    );
  }
}

const DEFAULT_TYPE = "ml.t3.medium";
const DEFAULT_VOLUME_GB = 20;
/** Amazon Linux 2023. */
const PLATFORM = "notebook-al2023-v1";
