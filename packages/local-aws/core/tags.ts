import type { AwsError } from "./aws-error";

/** A tag as most services have it in their lists. */
export interface Tag {
  readonly Key?: string;
  readonly Value?: string;
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

  /** Adds tags. A tag replaces another one with the same key. */
  add(tags: Readonly<Record<string, string>>): void {
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
