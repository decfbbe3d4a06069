import * as pulumi from "@pulumi/pulumi";
import type { ModelArchiveInputs } from "../providers/model-archive-provider";
import type { WaitingArguments } from "./arguments";
import { shim } from "./shim";

/** Arguments for {@link ModelArchiveCopy}: see {@link ModelArchiveInputs} for each. */
export type ModelArchiveCopyArgs = WaitingArguments<ModelArchiveInputs>;

/**
 * A copy of a model's archive that is made once and never written over. An endpoint reads its archive whenever an instance starts, so the
 * archive must lie where trainings that come later cannot write. Deleting this resource leaves the copy, for a release that comes back.
 */
export class ModelArchiveCopy extends pulumi.dynamic.Resource {
  /** SHA-256 digest of the copy, as 64 hexadecimal digits. */
  declare public readonly sha256: pulumi.Output<string>;

  constructor(name: string, args: ModelArchiveCopyArgs, opts?: pulumi.CustomResourceOptions) {
    super(provider, name, { ...args, sha256: undefined }, opts, "sagemaker-safe-deploy", "ModelArchiveCopy");
  }
}

const provider = shim("modelArchiveCopy");
