import { GetObjectCommand, paginateListObjectsV2, S3Client, type _Object } from "@aws-sdk/client-s3";
import type { AwsSettings } from "./context";
import { itemsOf } from "./pages";

/** A folder of a bucket. */
export interface Folder {
  readonly bucket: string;
  /** Beginning of the keys, with the slash at its end. */
  readonly prefix: string;
}

/** An object of a folder. */
export interface Listed {
  /** From the folder on. */
  readonly key: string;
  /** When it was written, as ISO 8601. */
  readonly at: string;
}

/** Objects of S3, by their keys. */
export class Objects {
  private readonly client: S3Client;

  constructor(
    aws: AwsSettings,
    private readonly folder: Folder,
  ) {
    this.client = new S3Client(aws);
  }

  /** Keys below the folder, with what they begin with in it; in their order. @param after only those that come after this */
  async keys(prefix = "", after?: string): Promise<string[]> {
    return (await this.list(prefix, after)).map(({ key }) => key);
  }

  /** The same, with when each was written. */
  async list(prefix = "", after?: string): Promise<Listed[]> {
    const objects = await itemsOf(this.pages(prefix, { StartAfter: after && this.folder.prefix + after }), allOf);
    return objects.map(({ Key = "", LastModified }) => ({
      key: Key.slice(this.folder.prefix.length),
      at: LastModified?.toISOString() ?? "",
    }));
  }

  /** Names of the folders in the folder. */
  async folders(): Promise<string[]> {
    const prefixes = await itemsOf(this.pages("", { Delimiter: "/" }), ({ CommonPrefixes }) => CommonPrefixes);
    return prefixes.flatMap(({ Prefix }) => Prefix?.slice(this.folder.prefix.length, -1) ?? []);
  }

  /** The JSON of an object. */
  async json(key: string): Promise<unknown> {
    const at = { Bucket: this.folder.bucket, Key: this.folder.prefix + key };
    const { Body } = await this.client.send(new GetObjectCommand(at));
    return JSON.parse((await Body?.transformToString()) ?? "");
  }

  private pages(prefix: string, more: { readonly StartAfter?: string; readonly Delimiter?: string }) {
    const { bucket: Bucket, prefix: folder } = this.folder;
    return paginateListObjectsV2({ client: this.client }, { Bucket, Prefix: folder + prefix, ...more });
  }
}

const allOf = ({ Contents }: { readonly Contents?: _Object[] }) => Contents;
