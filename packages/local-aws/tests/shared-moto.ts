import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  S3Client,
} from "@aws-sdk/client-s3";
import { testPython } from "pulumi-engine/testing/python";
import { LOCAL_ACCOUNT } from "../core/account";
import { clientConfig } from "../core/local";
import { startMoto, type Moto } from "../moto";

/** Those that run and that nobody uses. */
const idle: Moto[] = [];

// Of the whole run: no suite knows whether it is the last one that wants one.
after(() => Promise.all(idle.splice(0).map((moto) => moto.close())));

/**
 * A moto for a suite that needs S3, without buckets. When it is closed it goes on running for the next suite: starting one takes a
 * second of CPU.
 */
export async function motoWithoutBuckets(): Promise<Moto> {
  const moto = idle.pop() ?? (await startMoto(testPython()));
  await removeBuckets(moto);
  return {
    ...moto,
    async close() {
      idle.push(moto);
    },
  };
}

/** Not by moto's own reset, which reads the text of all of AWS's policies again. */
async function removeBuckets({ reach }: Moto): Promise<void> {
  const s3 = new S3Client({ ...clientConfig({ ...reach, account: LOCAL_ACCOUNT }), forcePathStyle: true });
  const { Buckets: buckets = [] } = await s3.send(new ListBucketsCommand({}));
  for (const { Name: Bucket } of buckets) {
    for (;;) {
      const { Contents: objects = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
      if (objects.length === 0) {
        break;
      }
      const Objects = objects.map(({ Key }) => ({ Key }));
      await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    }
    await s3.send(new DeleteBucketCommand({ Bucket }));
  }
  s3.destroy();
}
