import type { InputTransformer, Target } from "@aws-sdk/client-eventbridge";
import { AwsError } from "../../core/aws-error";

/** What the template of an input transformer may name beside its own variables. */
interface Surroundings {
  readonly ruleArn: string;
  readonly ruleName: string;
}

/**
 * What a target is sent of an event: by default all of it, as JSON.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
export function inputOf(
  target: Pick<Target, "Input" | "InputPath" | "InputTransformer">,
  event: object,
  at: Surroundings,
): string {
  if (target.Input !== undefined) {
    return target.Input;
  }
  if (target.InputPath !== undefined) {
    const part = valueAt(event, target.InputPath);
    return part === undefined ? "" : JSON.stringify(part);
  }
  if (target.InputTransformer !== undefined) {
    return transformed(target.InputTransformer, event, at);
  }
  return JSON.stringify(event);
}

/** @throws AwsError `ValidationException` for what no event could be brought into */
export function checkInput(target: Pick<Target, "Input" | "InputPath" | "InputTransformer">): void {
  const given = [target.Input, target.InputPath, target.InputTransformer].filter((value) => value !== undefined);
  if (given.length > 1) {
    throw new AwsError("ValidationException", "Only one of Input, InputPath, or InputTransformer must be provided.");
  }
  if (target.Input !== undefined) {
    try {
      JSON.parse(target.Input);
    } catch {
      throw new AwsError("ValidationException", "JSON syntax error in input: it is not JSON.");
    }
  }
  const { InputPathsMap: paths = {}, InputTemplate: template = "" } = target.InputTransformer ?? {};
  for (const path of [...Object.values(paths), ...(target.InputPath === undefined ? [] : [target.InputPath])]) {
    if (segments(path) === undefined) {
      throw new AwsError(
        "ValidationException",
        `Invalid InputPath: ${path}. The local AWS knows paths such as $.detail.name and $.resources[0].`,
      );
    }
  }
  const unknown = [...template.matchAll(PLACEHOLDER)]
    .map(([, name = ""]) => name)
    .find((name) => !(name in paths) && !RESERVED.has(name));
  if (unknown !== undefined) {
    throw new AwsError("ValidationException", `InputTemplate names <${unknown}>, which is not in InputPathsMap.`);
  }
}

const PLACEHOLDER = /<([A-Za-z0-9_.-]+)>/g;
const RESERVED = new Set([
  "aws.events.rule-arn",
  "aws.events.rule-name",
  "aws.events.event.ingestion-time",
  "aws.events.event",
  "aws.events.event.json",
]);

/** Inside quotes a variable becomes its text, outside of them JSON. One that the event does not have becomes nothing. */
function transformed(
  { InputPathsMap = {}, InputTemplate = "" }: InputTransformer,
  event: object,
  at: Surroundings,
): string {
  const withoutDetail = Object.fromEntries(Object.entries(event).filter(([name]) => name !== "detail"));
  const values = new Map<string, unknown>([
    ...Object.entries(InputPathsMap).map(([name, path]) => [name, valueAt(event, path)] as const),
    ["aws.events.rule-arn", at.ruleArn],
    ["aws.events.rule-name", at.ruleName],
    ["aws.events.event.ingestion-time", valueAt(event, "$.time")],
    ["aws.events.event", withoutDetail],
    ["aws.events.event.json", event],
  ]);
  let quoted = false;
  const pieces = InputTemplate.match(/\\[^]|<[A-Za-z0-9_.-]+>|[^]/g) ?? [];
  return pieces
    .map((piece) => {
      quoted = piece === '"' ? !quoted : quoted;
      const name = /^<(.+)>$/s.exec(piece)?.[1] ?? "";
      return values.has(name) ? inserted(values.get(name), quoted) : piece;
    })
    .join("");
}

function inserted(value: unknown, quoted: boolean): string {
  if (value === undefined) {
    return "";
  }
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return quoted ? JSON.stringify(text).slice(1, -1) : JSON.stringify(value);
}

function valueAt(event: object, path: string): unknown {
  return segments(path)?.reduce((value: unknown, segment) => {
    return typeof value === "object" && value !== null
      ? new Map<string, unknown>(Object.entries(value)).get(segment)
      : undefined;
  }, event);
}

/** The members that a JSONPath goes through; `undefined` for paths with more than members and indices. */
function segments(path: string): readonly string[] | undefined {
  if (!/^\$(?:\.[A-Za-z0-9_-]+|\[\d+\]|\['[^']+'\])*$/.test(path)) {
    return undefined;
  }
  return [...path.matchAll(/\.([A-Za-z0-9_-]+)|\[(\d+)\]|\['([^']+)'\]/g)].map(
    ([, name, index, text]) => name ?? index ?? text ?? "",
  );
}
