import { Readable } from "node:stream";
import { CopyObjectCommand, GetObjectCommand, HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import { parseS3Uri } from "../../lib/s3-uri";
import { sha256Of } from "../../lib/sha256";
import { caller, clientSettings, type Caller } from "./support/aws";
import { changed, isKnown, problems, region, s3Uri, text } from "./support/inputs";
import { explaining, type Provider } from "./support/provider";
import { Waiter, type Timing } from "./support/waiter";

/** Which file of a release is copied, and where to: its archive, or one of its baseline. */
export interface ModelArchiveInputs extends Timing {
  region: string;
  /** Where a job of the training has written it. */
  sourceUri: string;
  destinationUri: string;
  /** SHA-256 digest that it must have, as 64 hexadecimal digits. @default - whatever it has */
  approvedSha256?: string;
  /** ARN of the key that encrypts the copy. @default - the bucket's own encryption */
  kmsKeyArn?: string;
}

/** The copy as it is. */
export interface ModelArchiveOutputs extends ModelArchiveInputs {
  /** SHA-256 digest of the copy, as S3 itself computed it. */
  sha256: string;
}

const DEFAULTS: Timing = { pollSeconds: 5, timeoutSeconds: 1800 };
/** The most that S3 copies in one call. What it copies in parts has no SHA-256 of the whole. */
const LARGEST_BYTES = 5 * 1024 ** 3;

const schema = z.strictObject({
  region: region(),
  sourceUri: s3Uri(),
  destinationUri: s3Uri(),
  approvedSha256: text(/^[0-9a-f]{64}$/, "a SHA-256 digest of 64 hexadecimal digits").optional(),
  kmsKeyArn: z.string().optional(),
  pollSeconds: z.number().positive(),
  timeoutSeconds: z.number().positive(),
});

const behaviour: Provider<ModelArchiveInputs, ModelArchiveOutputs> = {
  async check(_olds, news) {
    const inputs = { ...DEFAULTS, ...news };
    return { inputs, failures: problems(schema, inputs) };
  },

  // Once it is there, it does not matter any more where it has come from.
  async diff(_id, olds, news) {
    const replaces = changed(["region", "destinationUri"], olds, news);
    const { approvedSha256: approved } = news;
    const differs = approved !== undefined && isKnown(approved) && approved !== olds.sha256;
    return { changes: replaces.length > 0 || differs, replaces };
  },

  async create(inputs) {
    return { id: inputs.destinationUri, outs: await new Copy(inputs).make() };
  },

  async read(id, props) {
    const sha256 = props && (await new Copy(props).there());
    return props === undefined || sha256 === undefined ? {} : { id, props: { ...props, sha256 } };
  },

  async update(_id, _olds, news) {
    return { outs: await new Copy(news).make() };
  },

  // A release to which somebody goes back has what it has had before.
  async delete() {
    return;
  },
};

/** Behaviour of `ModelArchiveCopy` and `BaselineFileCopy`. */
export const modelArchiveCopy = explaining(behaviour);

/** One file and its copy. */
class Copy {
  private readonly s3: Caller<S3Client>;
  private readonly waiter: Waiter;

  constructor(private readonly inputs: ModelArchiveInputs) {
    this.s3 = caller(() => new S3Client(clientSettings(inputs.region)));
    this.waiter = new Waiter(`copy ${inputs.destinationUri}`, inputs);
  }

  /**
   * Makes the copy, or finds it. One that is there is never written over, since instances that are started later read it too.
   *
   * @throws if the file, or the copy that is there, is not the approved one
   */
  async make(): Promise<ModelArchiveOutputs> {
    const { sourceUri, destinationUri, approvedSha256 } = this.inputs;
    const there = await this.there().catch(unlessNotAllowed);
    if (there !== undefined) {
      if (approvedSha256 !== undefined && there !== approvedSha256) {
        throw new Error(
          `${destinationUri}, which this release has had before, has SHA-256 ${there}, and ${approvedSha256} is approved: ` +
            "deploy what is approved as another release, or leave out the digest if it is that of another one",
        );
      }
      return { ...this.inputs, sha256: there };
    }
    const { sha256, etag } = await this.digest();
    if (approvedSha256 !== undefined && sha256 !== approvedSha256) {
      throw new Error(
        `${sourceUri} has SHA-256 ${sha256}, and ${approvedSha256} is approved: somebody has written over it since. ` +
          "It is not deployed. Train another release, or leave out the digest if it is that of another one",
      );
    }
    await this.copy(sha256, etag);
    return { ...this.inputs, sha256 };
  }

  /** Digest of the copy; `undefined` if there is none. */
  async there(): Promise<string | undefined> {
    const { destinationUri } = this.inputs;
    const command = new HeadObjectCommand({ ...placeOf(destinationUri), ChecksumMode: "ENABLED" });
    try {
      const { ChecksumSHA256 } = await this.call((client) => client.send(command));
      return hexOf(ChecksumSHA256, destinationUri);
    } catch (error) {
      if (statusOf(error) === 404) {
        return undefined;
      }
      throw error;
    }
  }

  private async digest(): Promise<{ sha256: string; etag: string | undefined }> {
    const { sourceUri } = this.inputs;
    return this.call(async (client) => {
      const { Body, ETag, ContentLength = 0 } = await client.send(new GetObjectCommand(placeOf(sourceUri)));
      if (ContentLength > LARGEST_BYTES) {
        throw new Error(`${sourceUri} has ${ContentLength} bytes, and what is deployed may have ${LARGEST_BYTES}`);
      }
      if (!(Body instanceof Readable)) {
        throw new Error(`${sourceUri} cannot be read as a stream`);
      }
      return { sha256: await sha256Of(Body), etag: ETag };
    });
  }

  /** S3 refuses to copy what has been written over since its digest was taken, and computes the digest of the copy itself. */
  private async copy(sha256: string, etag: string | undefined): Promise<void> {
    const { sourceUri, destinationUri, kmsKeyArn } = this.inputs;
    const { Bucket, Key } = placeOf(sourceUri);
    const command = new CopyObjectCommand({
      ...placeOf(destinationUri),
      CopySource: [Bucket, ...Key.split("/")].map(encodeURIComponent).join("/"),
      CopySourceIfMatch: etag,
      ChecksumAlgorithm: "SHA256",
      TaggingDirective: "REPLACE",
      ...(kmsKeyArn === undefined ? {} : { ServerSideEncryption: "aws:kms", SSEKMSKeyId: kmsKeyArn }),
    });
    const { CopyObjectResult } = await this.call((client) => client.send(command));
    const copied = hexOf(CopyObjectResult?.ChecksumSHA256, destinationUri);
    if (copied !== sha256) {
      throw new Error(
        `${destinationUri} has SHA-256 ${copied} instead of ${sha256}: delete it, and run pulumi up again`,
      );
    }
    this.waiter.tell(`copied from ${sourceUri}, SHA-256 ${sha256}`);
  }

  private call<T>(work: (client: S3Client) => Promise<T>): Promise<T> {
    return this.waiter.call(() => this.s3(work));
  }
}

function placeOf(uri: string): { Bucket: string; Key: string } {
  const { bucket = "", key = "" } = parseS3Uri(uri) ?? {};
  return { Bucket: bucket, Key: key };
}

/** S3 writes digests in base64, and those of parts with their number behind a hyphen. */
function hexOf(checksum: string | undefined, uri: string): string {
  if (checksum === undefined || checksum.includes("-")) {
    throw new Error(`S3 has no SHA-256 of the whole of ${uri}: delete it, and run pulumi up again`);
  }
  return Buffer.from(checksum, "base64").toString("hex");
}

const response = z.object({ $metadata: z.object({ httpStatusCode: z.number() }) });

const statusOf = (error: unknown) => response.safeParse(error).data?.$metadata.httpStatusCode;

/** Who may not list a bucket is told of an object that is not there that it may not be read. If it is more than that, the copy fails. */
function unlessNotAllowed(error: unknown): undefined {
  if (statusOf(error) !== 403) {
    throw error;
  }
}
