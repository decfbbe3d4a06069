import { CloudWatchClient, PutMetricDataCommand, type MetricDatum } from "@aws-sdk/client-cloudwatch";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { arn } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import { clientConfig, type Local, type Permission, type SessionKeys } from "../../core/local";
import { invalid } from "./errors";
import { repositoryArn } from "./images";
import { ObjectStore } from "./object-store";

const SERVICE = "sagemaker.amazonaws.com";

/** What SageMaker needs to write the logs of containers: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html */
const LOGGING = ["CreateLogGroup", "CreateLogStream", "DescribeLogStreams", "PutLogEvents"];
/** The same for a VPC. */
const DESCRIBED = ["NetworkInterfaces", "Vpcs", "DhcpOptions", "Subnets", "SecurityGroups"];
const ON_INTERFACES = [
  "CreateNetworkInterfacePermission",
  "DeleteNetworkInterface",
  "DeleteNetworkInterfacePermission",
];
const INTERFACES = "network-interface/*";
const PULLING = ["BatchCheckLayerAvailability", "GetDownloadUrlForLayer", "BatchGetImage"];

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html */
const MOST_METRICS = 1000;

/** A role that SageMaker has assumed for a job or a model: everything that it does around the container is done in its name. */
export class ExecutionRole {
  /** S3 as the role may use it. */
  readonly objects: ObjectStore;

  private constructor(
    private readonly local: Local,
    readonly arn: string,
    private readonly session: SessionKeys,
  ) {
    this.objects = new ObjectStore(local, session);
  }

  /**
   * @param refused what SageMaker says where the role does not exist (yet) or does not trust it
   * @throws AwsError `ValidationException`
   */
  static async assume(local: Local, roleArn: string, refused: string): Promise<ExecutionRole> {
    try {
      return new ExecutionRole(local, roleArn, await local.sessions.assumeAs(SERVICE, roleArn, "SageMaker"));
    } catch (error) {
      throw error instanceof AwsError ? invalid(refused) : error;
    }
  }

  /** What its containers are given to act as the role: nothing where they are isolated from the network. */
  containerKeys(isolated: boolean | undefined): SessionKeys | undefined {
    return isolated === true ? undefined : this.session;
  }

  /** Why the role may not pull an image; `undefined` if it may, or if the image is in no registry of AWS. */
  async pullRefusal(image: string): Promise<string | undefined> {
    const repository = repositoryArn(image);
    return repository === undefined
      ? undefined
      : this.refusal([
          { action: "ecr:GetAuthorizationToken", resource: "*" },
          ...PULLING.map((name) => ({ action: `ecr:${name}`, resource: repository })),
        ]);
  }

  /**
   * Why volumes cannot be encrypted with a key; `undefined` if they can, or if there is no key. Compute resources use it by a grant, which
   * SageMaker makes in the role's name.
   */
  async volumeKeyRefusal(keyId: string | undefined): Promise<string | undefined> {
    const key = this.keyArn(keyId);
    return key === undefined
      ? undefined
      : this.refusal([
          { action: "kms:DescribeKey", resource: key },
          { action: "kms:CreateGrant", resource: key, context: { "kms:GrantIsForAWSResource": "true" } },
        ]);
  }

  /** Why output cannot be encrypted with a key. S3 asks for more when it is written. */
  async outputKeyRefusal(keyId: string | undefined): Promise<string | undefined> {
    const key = this.keyArn(keyId);
    return key === undefined
      ? undefined
      : this.refusal([{ action: "kms:Encrypt", resource: key, context: { "kms:GrantIsForAWSResource": "false" } }]);
  }

  /** Why a container cannot get its network interfaces in a VPC; `undefined` if it can, or if there is no VPC. */
  async vpcRefusal(
    vpc: { readonly Subnets: readonly string[]; readonly SecurityGroupIds: readonly string[] } | undefined,
  ) {
    const of = (resource: string) => arn(this.local.account, "ec2", resource);
    return vpc === undefined
      ? undefined
      : this.refusal([
          ...DESCRIBED.map((all) => ({ action: `ec2:Describe${all}`, resource: "*" })),
          ...[
            ...vpc.Subnets.map((id) => `subnet/${id}`),
            ...vpc.SecurityGroupIds.map((id) => `security-group/${id}`),
            INTERFACES,
          ].map((resource) => ({ action: "ec2:CreateNetworkInterface", resource: of(resource) })),
          ...ON_INTERFACES.map((name) => ({ action: `ec2:${name}`, resource: of(INTERFACES) })),
        ]);
  }

  /** Writes a container's lines to its log. Where the role may not, they are lost, as on AWS. */
  async log(group: string, stream: string): Promise<(line: string) => void> {
    const resource = arn(this.local.account, "logs", `log-group:${group}:log-stream:${stream}`);
    const refused = await this.refusal(LOGGING.map((name) => ({ action: `logs:${name}`, resource })));
    return refused === undefined ? (line) => this.local.logs.write(group, stream, [line]) : () => undefined;
  }

  /** Tells a topic something. @throws if the role may not */
  async publish(topicArn: string, message: string): Promise<void> {
    const client = new SNSClient(clientConfig(this.local, this.session));
    try {
      await client.send(new PublishCommand({ TopicArn: topicArn, Message: message }));
    } finally {
      client.destroy();
    }
  }

  /** Whether values of metrics may be put into a namespace. */
  async mayPutMetrics(namespace: string): Promise<boolean> {
    const context = { "cloudwatch:namespace": namespace };
    return (await this.refusal([{ action: "cloudwatch:PutMetricData", resource: "*", context }])) === undefined;
  }

  /** Puts values of metrics. Those that the role may not put are lost. */
  async putMetrics(namespace: string, data: readonly MetricDatum[]): Promise<void> {
    if (data.length === 0 || !(await this.mayPutMetrics(namespace))) {
      return;
    }
    const client = new CloudWatchClient(clientConfig(this.local, this.session));
    try {
      for (let from = 0; from < data.length; from += MOST_METRICS) {
        const MetricData = data.slice(from, from + MOST_METRICS);
        await client.send(new PutMetricDataCommand({ Namespace: namespace, MetricData }));
      }
    } finally {
      client.destroy();
    }
  }

  close(): void {
    this.objects.close();
  }

  /** Why the first of these that is not allowed is not, in IAM's words. */
  private async refusal(permissions: readonly Permission[]): Promise<string | undefined> {
    for (const permission of permissions) {
      try {
        await this.local.sessions.authorize(this.session, permission);
      } catch (error) {
        if (error instanceof AwsError && error.code === "AccessDeniedException") {
          return error.message;
        }
        throw error;
      }
    }
    return undefined;
  }

  private keyArn(keyId: string | undefined): string | undefined {
    return keyId === undefined || keyId === "" || keyId.startsWith("arn:")
      ? keyId || undefined
      : arn(this.local.account, "kms", keyId.startsWith("alias/") ? keyId : `key/${keyId}`);
  }
}
