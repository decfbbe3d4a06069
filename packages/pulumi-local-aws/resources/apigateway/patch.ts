import {
  APIGatewayClient,
  Op,
  type PatchOperation,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-api-gateway";
import type { Aws } from "../../aws";
import type { Tagging } from "../../resource";

export const apiGateway = (aws: Aws) => aws.client(APIGatewayClient);

export const GONE = ["NotFoundException"];

export const apiGatewayTagging: Tagging = {
  put: ({ aws, arn: resourceArn }, tags) =>
    apiGateway(aws).send(new TagResourceCommand({ resourceArn, tags: { ...tags } })),
  remove: ({ aws, arn: resourceArn }, tagKeys) =>
    apiGateway(aws).send(new UntagResourceCommand({ resourceArn, tagKeys })),
};

/** ARN of a thing that API Gateway manages: it names no account. */
export const apiGatewayArn = (aws: Aws, path: string) => `arn:aws:apigateway:${aws.region}::${path}`;

/** Sets a value. API Gateway changes things by JSON Patch in which every value is text. */
export function replace(path: string, value: string | number | boolean | undefined): PatchOperation {
  return { op: Op.replace, path, value: String(value ?? "") };
}

export function add(path: string, value: string): PatchOperation {
  return { op: Op.add, path, value };
}

export function remove(path: string, value?: string): PatchOperation {
  return { op: Op.remove, path, value };
}

/** Replaces what has changed, by argument; arguments without a path here are somebody else's. */
export function replaceChanged<K extends PropertyKey>(
  changed: ReadonlySet<K>,
  paths: Readonly<Partial<Record<K, readonly [path: string, value: string | number | boolean | undefined]>>>,
): PatchOperation[] {
  return [...changed].flatMap((key) => {
    const entry = paths[key];
    return entry === undefined ? [] : [replace(entry[0], entry[1])];
  });
}
