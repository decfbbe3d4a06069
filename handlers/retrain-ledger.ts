import { createHash, randomUUID } from "node:crypto";
import { GetObjectCommand, PutObjectCommand, S3ServiceException, type S3Client } from "@aws-sdk/client-s3";
import * as z from "zod/mini";
import type { S3Place } from "../lib/s3-uri";

/** A retraining that was decided on. */
export interface Retraining {
  /** Id of the request that it answers. */
  readonly id: string;
  readonly reason: string;
  readonly why: string;
  /** When it was decided on, as ISO 8601. */
  readonly at: string;
  /** The pipeline's newest execution by then. */
  readonly after?: string;
  /** Makes CodePipeline start it once. */
  readonly token: string;
  /** `undefined` until it is known to have been started. */
  readonly executionId?: string;
}

const LEDGER = z.object({
  id: z.string(),
  count: z.number(),
  refusal: z.optional(z.string()),
  retrainings: z.array(
    z.object({
      id: z.string(),
      reason: z.string(),
      why: z.string(),
      at: z.iso.datetime(),
      after: z.optional(z.string()),
      token: z.string(),
      executionId: z.optional(z.string()),
    }),
  ),
});

type Content = z.output<typeof LEDGER>;

/** Older ones decide nothing any more. */
const KEPT_RETRAININGS = 100;

/**
 * The list of retrainings, in one object of S3 that is changed only by whoever has read its newest version. An intention stands in it before
 * it is carried out, so that whoever comes next can carry it out where the one before was killed.
 */
export class Ledger {
  private constructor(
    private readonly s3: S3Client,
    private readonly place: { readonly Bucket: string; readonly Key: string },
    private readonly content: Content,
    private readonly etag: string | undefined,
  ) {}

  /** @param folder where decisions are kept */
  static async read(s3: S3Client, { bucket, key }: S3Place): Promise<Ledger> {
    const place = { Bucket: bucket, Key: `${key}/ledger.json` };
    // Without the right to list, S3 reports a missing object as one that may not be read. So it is made sure that there is one.
    const first: Content = { id: randomUUID(), count: 0, retrainings: [] };
    await unlessChanged(s3.send(new PutObjectCommand({ ...place, ...bodyOf(first), IfNoneMatch: "*" })));
    const { Body, ETag } = await s3.send(new GetObjectCommand(place));
    const text = (await Body?.transformToString()) ?? "";
    return new Ledger(s3, place, contentOf(text, `s3://${bucket}/${place.Key}`), ETag);
  }

  /** Newest first. */
  get retrainings(): readonly Retraining[] {
    return this.content.retrainings;
  }

  /** The last no to an alarm that people were told of. */
  get refusal(): string | undefined {
    return this.content.refusal;
  }

  /** Notes that people were told of a no. Returns whether it is noted. */
  refused(refusal: string): Promise<boolean> {
    return this.write({ ...this.content, refusal });
  }

  /** Notes the intention to retrain. Returns whether it is noted: it is not if somebody else has changed the ledger since it was read. */
  intend(intention: Pick<Retraining, "id" | "reason" | "why" | "at" | "after">): Promise<boolean> {
    const { id, count, retrainings } = this.content;
    // The same for all who have read the same ledger, whatever their requests.
    const token = createHash("sha256").update(`${id} ${count}`).digest("hex");
    const all = [{ ...intention, token }, ...retrainings];
    return this.write({ ...this.content, count: count + 1, retrainings: all.slice(0, KEPT_RETRAININGS) });
  }

  /** Notes that a retraining was started. Returns whether that is noted. */
  started(retraining: Retraining, executionId: string): Promise<boolean> {
    const retrainings = this.content.retrainings.map((one) =>
      one.token === retraining.token ? { ...one, executionId } : one,
    );
    return this.write({ ...this.content, retrainings });
  }

  /** Takes back a retraining that was not started. Returns whether it is taken back. */
  withdraw(retraining: Retraining): Promise<boolean> {
    const retrainings = this.content.retrainings.filter(({ token }) => token !== retraining.token);
    return this.write({ ...this.content, retrainings });
  }

  private write(content: Content): Promise<boolean> {
    return unlessChanged(this.s3.send(new PutObjectCommand({ ...this.place, ...bodyOf(content), IfMatch: this.etag })));
  }
}

/** @throws Error that names the object: without the list nobody knows what has been started, so nothing is */
function contentOf(text: string, uri: string): Content {
  try {
    return LEDGER.parse(JSON.parse(text));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const remedy = "Put back an older version of it, or delete it, and all retrainings are forgotten";
    throw new Error(`${uri} is no list of retrainings: ${why}. ${remedy}`, { cause: error });
  }
}

const bodyOf = (content: Content) => ({ Body: JSON.stringify(content, undefined, 2), ContentType: "application/json" });

/** `false` if S3 refuses to write over what somebody else has written. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
async function unlessChanged(written: Promise<unknown>): Promise<boolean> {
  try {
    await written;
    return true;
  } catch (error) {
    if (error instanceof S3ServiceException && [409, 412].includes(error.$metadata.httpStatusCode ?? 0)) {
      return false;
    }
    throw error;
  }
}
