import { AwsError } from "./aws-error";

/** A tag as most services have it in their lists. */
export interface Tag {
  readonly Key?: string;
  readonly Value?: string;
}

/** https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const [LONGEST_KEY, LONGEST_VALUE] = [128, 256];

/** @throws AwsError `ValidationException` for a tag that AWS does not take, whatever the service */
function checkTag(key: string, value: string): void {
  const problem =
    (key === "" && "is empty") ||
    (key.length > LONGEST_KEY && `is longer than ${LONGEST_KEY} characters`) ||
    (/^aws:/i.test(key) && "begins with aws:, which is AWS's own") ||
    (!ALLOWED.test(key) && "has characters that tags cannot have") ||
    (value.length > LONGEST_VALUE && `has a value longer than ${LONGEST_VALUE} characters`) ||
    (!ALLOWED.test(value) && `has the value "${value}" with characters that tags cannot have`);
  if (problem !== false) {
    throw new AwsError("ValidationException", `Tag key "${key}" ${problem}`);
  }
}

/** The tags of one resource. */
export class Tags {
  private readonly byKey = new Map<string, string>();

  constructor(tags: Readonly<Record<string, string>> = {}) {
    this.add(tags);
  }

  get count(): number {
    return this.byKey.size;
  }

  /**
   * Adds tags. A tag replaces another one with the same key.
   *
   * @throws AwsError `ValidationException` for a tag that AWS does not take
   */
  add(tags: Readonly<Record<string, string>>): void {
    Object.entries(tags).forEach(([key, value]) => checkTag(key, value));
    Object.entries(tags).forEach(([key, value]) => this.byKey.set(key, value));
  }

  remove(keys: readonly string[]): void {
    keys.forEach((key) => this.byKey.delete(key));
  }

  list(): { Key: string; Value: string }[] {
    return [...this.byKey].map(([Key, Value]) => ({ Key, Value }));
  }

  record(): Record<string, string> {
    return Object.fromEntries(this.byKey);
  }
}

/** A list of tags as values by key. */
export function tagRecord(list: readonly Tag[] = []): Readonly<Record<string, string>> {
  return Object.fromEntries(list.map(({ Key = "", Value = "" }) => [Key, Value]));
}

/** Tags of a service's resources by ARN. An ARN is known from its resource's creation to its deletion. */
export class TagsByArn {
  private readonly byArn = new Map<string, Tags>();

  /** @param missing the service's error for an unknown ARN */
  constructor(private readonly missing: (arn: string) => AwsError) {}

  /** Adds an ARN with its first tags. */
  create(arn: string, tags: readonly Tag[] = []): void {
    this.byArn.set(arn, new Tags(tagRecord(tags)));
  }

  /** @throws AwsError for an unknown ARN */
  of(arn: string): Tags {
    const tags = this.byArn.get(arn);
    if (tags === undefined) {
      throw this.missing(arn);
    }
    return tags;
  }

  has(arn: string): boolean {
    return this.byArn.has(arn);
  }

  /** Forgets a resource that is gone. */
  forget(arn: string): void {
    this.byArn.delete(arn);
  }
}
