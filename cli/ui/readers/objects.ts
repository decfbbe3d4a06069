import { GetObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import type { Watched } from "../watched";

/** An object of the model's bucket. */
export interface Listed {
  readonly key: string;
  /** When it was written, as ISO 8601. */
  readonly at: string;
}

/** Objects of the model's bucket, below the model's prefix. */
export class Objects {
  private readonly client: S3Client;

  constructor(private readonly watched: Watched) {
    this.client = new S3Client(watched.aws);
  }

  /** Those below a folder, in the order of their keys. @param after only keys that come after this one, which need not be there */
  async list(folder: string, after: string): Promise<Listed[]> {
    const { bucket: Bucket, prefix } = this.watched;
    const listed: Listed[] = [];
    const request = { Bucket, Prefix: `${prefix}/${folder}`, StartAfter: `${prefix}/${after}` };
    for await (const { Contents = [] } of paginateListObjectsV2({ client: this.client }, request)) {
      listed.push(
        ...Contents.map(({ Key = "", LastModified }) => ({ key: Key, at: LastModified?.toISOString() ?? "" })),
      );
    }
    return listed;
  }

  async json(Key: string): Promise<unknown> {
    const { Body } = await this.client.send(new GetObjectCommand({ Bucket: this.watched.bucket, Key }));
    return JSON.parse((await Body?.transformToString()) ?? "null");
  }
}
