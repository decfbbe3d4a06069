import { AwsError } from "../../core/aws-error";

/** A dimension in CloudWatch's API. */
interface Dimension {
  readonly Name: string;
  readonly Value: string;
}

/** @throws AwsError `InvalidParameterValueException` if a name occurs twice */
export function dimensionsOf(list: readonly Dimension[] = []): Readonly<Record<string, string>> {
  const dimensions = Object.fromEntries(list.map(({ Name, Value }) => [Name, Value]));
  if (Object.keys(dimensions).length < list.length) {
    throw new AwsError("InvalidParameterValueException", "No two dimensions can have the same name.");
  }
  return dimensions;
}

export function dimensionList(dimensions: Readonly<Record<string, string>>): Dimension[] {
  return Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
}

export function sameDimensions(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
