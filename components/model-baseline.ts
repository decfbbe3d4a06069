import * as pulumi from "@pulumi/pulumi";
import { callerAccount, callerRegion } from "./caller";
import { BaselineFileCopy } from "./resources/baseline-file-copy";
import { refuse, unknownKeys } from "./support/problems";

/** Arguments of {@link ModelBaseline}. */
export interface ModelBaselineArgs {
  /** S3 URI of the folder that the baseline job has written. It is read once; a later change of it changes nothing. */
  readonly sourceUri: pulumi.Input<string>;
  /** S3 URI of the folder of the copy. Another one is another copy; the old one stays. */
  readonly destinationUri: pulumi.Input<string>;
  /** SHA-256 digests that the files must have, as 64 hexadecimal digits. @default - whatever they have */
  readonly approvedSha256?: BaselineDigests;
  /** ARN of the KMS key that encrypts the copy. @default - the bucket's own encryption */
  readonly kmsKeyArn?: pulumi.Input<string>;
}

/** The digests of the files of a baseline. */
export interface BaselineDigests {
  /** Of `statistics.json`. */
  readonly statistics: pulumi.Input<string>;
  /** Of `constraints.json`. */
  readonly constraints: pulumi.Input<string>;
}

const ARGUMENTS: Readonly<Record<keyof Required<ModelBaselineArgs>, true>> = {
  sourceUri: true,
  destinationUri: true,
  approvedSha256: true,
  kmsKeyArn: true,
};

/** The children of {@link ModelBaseline}, one for each file. */
export interface ModelBaselineNodes {
  readonly statistics: pulumi.CustomResource;
  readonly constraints: pulumi.CustomResource;
}

/**
 * The baseline that a release is compared with: copies of `statistics.json` and `constraints.json`, made once, that are never written over and
 * that stay when this component is deleted. Whoever can write a baseline can hide drift or make it up, so let the copy lie where no training
 * may write. It fails, naming both digests, where a file is not the approved one.
 */
export class ModelBaseline extends pulumi.ComponentResource {
  /** S3 URI of the folder of the copy; resolves once both files are there. */
  readonly baselineUri: pulumi.Output<string>;
  /** The resources that it is made of. */
  readonly nodes: ModelBaselineNodes;

  constructor(name: string, args: ModelBaselineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-safe-deploy:index:ModelBaseline", name, {}, opts);
    refuse(unknownKeys(args, Object.keys(ARGUMENTS)), this);
    const common = { region: callerRegion(this), account: callerAccount(this), kmsKeyArn: args.kmsKeyArn };
    const copy = (file: keyof ModelBaselineNodes) =>
      new BaselineFileCopy(
        `${name}-${file}`,
        {
          ...common,
          sourceUri: pulumi.interpolate`${args.sourceUri}/${file}.json`,
          destinationUri: pulumi.interpolate`${args.destinationUri}/${file}.json`,
          approvedSha256: args.approvedSha256?.[file],
        },
        { parent: this },
      );
    this.nodes = { statistics: copy("statistics"), constraints: copy("constraints") };
    const { statistics, constraints } = this.nodes;
    this.baselineUri = pulumi.all([args.destinationUri, statistics.urn, constraints.urn]).apply(([uri]) => uri);
    this.registerOutputs({ baselineUri: this.baselineUri });
  }
}
