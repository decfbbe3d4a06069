import * as pulumi from "@pulumi/pulumi";
import { callerAccount, callerRegion } from "./caller";
import { ModelArchiveCopy } from "./resources/model-archive-copy";
import { refuse, unknownKeys } from "./support/problems";

/** Arguments of {@link ModelArchive}. */
export interface ModelArchiveArgs {
  /** S3 URI of the archive as the training has written it. It is read once; a later change of it changes nothing. */
  readonly sourceUri: pulumi.Input<string>;
  /** S3 URI of the copy. Another one is another copy; the old one stays. */
  readonly destinationUri: pulumi.Input<string>;
  /** SHA-256 digest that the archive must have, as 64 hexadecimal digits. @default - whatever the archive has */
  readonly approvedSha256?: pulumi.Input<string>;
  /** ARN of the KMS key that encrypts the copy. @default - the bucket's own encryption */
  readonly kmsKeyArn?: pulumi.Input<string>;
}

const ARGUMENTS: Readonly<Record<keyof Required<ModelArchiveArgs>, true>> = {
  sourceUri: true,
  destinationUri: true,
  approvedSha256: true,
  kmsKeyArn: true,
};

/** The children of {@link ModelArchive}. */
export interface ModelArchiveNodes {
  readonly copy: pulumi.CustomResource;
}

/**
 * The archive that an endpoint serves: a copy, made once, that is never written over and that stays when this component is deleted. An
 * endpoint reads its archive whenever an instance starts, so let the copy lie where no training may write.
 *
 * An archive has at most 5 GB, which is what S3 copies in one call. The copy fails, naming both digests, where the archive is not the
 * approved one. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
export class ModelArchive extends pulumi.ComponentResource {
  /** S3 URI of the copy; resolves once it is there. */
  readonly modelDataUrl: pulumi.Output<string>;
  /** SHA-256 digest of the copy, as 64 hexadecimal digits. */
  readonly sha256: pulumi.Output<string>;
  /** The resources that it is made of. */
  readonly nodes: ModelArchiveNodes;

  constructor(name: string, args: ModelArchiveArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-safe-deploy:index:ModelArchive", name, {}, opts);
    refuse(unknownKeys(args, Object.keys(ARGUMENTS)), this);
    const copy = new ModelArchiveCopy(
      name,
      { region: callerRegion(this), account: callerAccount(this), ...args },
      { parent: this },
    );
    // A preview knows the URN, so it knows which archive is served; an update has it only once the copy is there.
    this.modelDataUrl = pulumi.all([args.destinationUri, copy.urn]).apply(([uri]) => uri);
    this.sha256 = copy.sha256;
    this.nodes = { copy };
    this.registerOutputs({ modelDataUrl: this.modelDataUrl, sha256: this.sha256 });
  }
}
