import * as pulumi from "@pulumi/pulumi";
import type { ModelArchiveCopyArgs } from "./model-archive-copy";
import { shim } from "./shim";

/** A file of a release's baseline: a copy like that of the release's archive. Deleting this resource leaves it. */
export class BaselineFileCopy extends pulumi.dynamic.Resource {
  /** SHA-256 digest of the copy, as 64 hexadecimal digits. */
  declare public readonly sha256: pulumi.Output<string>;

  constructor(name: string, args: ModelArchiveCopyArgs, opts?: pulumi.CustomResourceOptions) {
    super(provider, name, { ...args, sha256: undefined }, opts, "sagemaker-safe-deploy", "BaselineFileCopy");
  }
}

const provider = shim("modelArchiveCopy");
