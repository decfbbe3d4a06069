import { tagRecord, Tags, TagsByArn, type Tag } from "../../core/tags";
import { invalid } from "./errors";

export const MAX_TAGS = 50;

/** Tags of every resource, by SageMaker's rules. */
export class TagStore extends TagsByArn {
  constructor() {
    super((arn) => invalid(`Could not find resource "${arn}".`));
  }

  /** @throws AwsError `ValidationException` if a key is given twice or there are more than 50 tags */
  override create(arn: string, tags: readonly Tag[] = []): void {
    checkTags(arn, tags, new Tags());
    super.create(arn, tags);
  }

  /** @throws AwsError `ValidationException` if a key is given twice or there would be more than 50 tags */
  add(arn: string, tags: readonly Tag[]): void {
    const known = this.of(arn);
    checkTags(arn, tags, known);
    known.add(tagRecord(tags));
  }
}

function checkTags(arn: string, added: readonly Tag[], known: Tags): void {
  const keys = added.map((tag) => tag.Key);
  const twice = keys.find((key, i) => keys.indexOf(key) !== i);
  if (twice !== undefined) {
    throw invalid(`Tag keys must be unique, "${twice}" is given more than once`);
  }
  const { count } = new Tags({ ...known.record(), ...tagRecord(added) });
  if (count > MAX_TAGS) {
    throw invalid(`${arn} would have ${count} tags, at most ${MAX_TAGS} are allowed`);
  }
}
