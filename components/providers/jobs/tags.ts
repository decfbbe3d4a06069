import {
  AddTagsCommand,
  DeleteTagsCommand,
  ListTagsCommand,
  type SageMakerClient,
  type Tag,
} from "@aws-sdk/client-sagemaker";
import { DEFINITION_TAG } from "./definition";

export function tagList(tags: Readonly<Record<string, string>>): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

export async function readTags(client: SageMakerClient, arn: string): Promise<ReadonlyMap<string, string>> {
  const { Tags = [] } = await client.send(new ListTagsCommand({ ResourceArn: arn, MaxResults: 100 }));
  return new Map(Tags.map(({ Key = "", Value = "" }) => [Key, Value]));
}

/** Gives a job the wanted tags and removes others, except our own tag and those that AWS sets itself. */
export async function retag(
  client: SageMakerClient,
  arn: string,
  wanted: Readonly<Record<string, string>>,
): Promise<void> {
  const found = await readTags(client, arn);
  const stale = [...found.keys()].filter(
    (key) => key !== DEFINITION_TAG && !key.startsWith("aws:") && wanted[key] === undefined,
  );
  const missing = Object.entries(wanted).filter(([key, value]) => found.get(key) !== value);
  if (missing.length > 0) {
    await client.send(new AddTagsCommand({ ResourceArn: arn, Tags: tagList(Object.fromEntries(missing)) }));
  }
  if (stale.length > 0) {
    await client.send(new DeleteTagsCommand({ ResourceArn: arn, TagKeys: stale }));
  }
}
