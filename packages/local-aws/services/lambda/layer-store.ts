import { arn, type Account } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import type { FunctionCode } from "./code";
import { invalid } from "./settings";

/** One version of a layer: files that a function finds beside its own. It never changes. */
export interface LayerVersion {
  readonly layer: string;
  readonly version: number;
  readonly description: string;
  readonly code: FunctionCode;
  readonly createdAt: Date;
}

/** All layers of the local AWS. */
export class LayerStore {
  private readonly versions: LayerVersion[] = [];
  private readonly published = new Map<string, number>();
  private readonly folders = new Map<string, string>();

  constructor(private readonly account: Account) {}

  /** Adds a layer's next version. Numbers are never used again. */
  publish(layer: string, content: Omit<LayerVersion, "layer" | "version">): LayerVersion {
    const version = (this.published.get(layer) ?? 0) + 1;
    const added = { ...content, layer, version };
    this.published.set(layer, version);
    this.versions.push(added);
    this.folders.set(this.arnOf(added), content.code.folder);
    return added;
  }

  list(): readonly LayerVersion[] {
    return this.versions;
  }

  layerArn(layer: string): string {
    return arn(this.account, "lambda", `layer:${layer}`);
  }

  arnOf({ layer, version }: Pick<LayerVersion, "layer" | "version">): string {
    return `${this.layerArn(layer)}:${version}`;
  }

  /** @param layer name or ARN of the layer */
  find(layer: string, version: number): LayerVersion | undefined {
    const name = layer.replace(/^arn:.*:layer:/, "");
    return this.versions.find((one) => one.layer === name && one.version === version);
  }

  /** @throws ResourceNotFoundException */
  get(layer: string, version: number): LayerVersion {
    const found = this.find(layer, version);
    if (found === undefined) {
      throw new AwsError("ResourceNotFoundException", "The resource you requested does not exist.", 404, {
        Type: "User",
      });
    }
    return found;
  }

  /** Functions that have it keep it, as on AWS. */
  remove(found: LayerVersion): void {
    this.versions.splice(this.versions.indexOf(found), 1);
  }

  /** @throws InvalidParameterValueException for what is no version of a layer */
  check(arns: readonly string[]): void {
    const known = new Set(this.versions.map((one) => this.arnOf(one)));
    const missing = arns.find((one) => !known.has(one));
    if (missing !== undefined) {
      throw invalid(`Layer version ${missing} does not exist.`);
    }
  }

  /** Where the files of a function's layers are, deleted ones included. */
  foldersOf(arns: readonly string[]): readonly string[] {
    return arns.flatMap((one) => this.folders.get(one) ?? []);
  }
}
