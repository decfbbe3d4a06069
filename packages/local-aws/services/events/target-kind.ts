export type TargetKind = "codepipeline" | "lambda" | "sns" | "sqs";

/** Kind of a target that events can be delivered to; `undefined` for every other. */
export function targetKind(arn: string): TargetKind | undefined {
  const [, service, rest = ""] = /^arn:aws:(codepipeline|lambda|sns|sqs):[a-z0-9-]+:\d{12}:(.+)$/.exec(arn) ?? [];
  switch (service) {
    case "codepipeline":
    case "sqs":
      return /^[\w.-]+$/.test(rest) ? service : undefined;
    case "sns":
      return rest.includes(":") ? undefined : service;
    case "lambda":
      return rest.startsWith("function:") ? service : undefined;
    default:
      return undefined;
  }
}
