import type { Filter, SearchExpression } from "@aws-sdk/client-sagemaker";
import type { Checked } from "../../core/operation";
import { invalid } from "./errors";

/** A resource as a search sees it: values by name, at any depth. */
export type Searchable = Readonly<Record<string, unknown>>;

type Expression = Checked<SearchExpression>;
type Condition = Checked<Filter>;

/**
 * Whether a resource is one that an expression asks for.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_SearchExpression.html
 */
export function matches(resource: Searchable, expression: Expression): boolean {
  const { Filters = [], NestedFilters = [], SubExpressions = [], Operator = "And" } = expression;
  const results = [
    ...Filters.map((filter) => satisfies(resource, filter)),
    // A single element must satisfy all that a nested filter says of the list.
    ...NestedFilters.map(({ NestedPropertyName: list, Filters: all }) =>
      valuesAt(resource, list).some((element) => all.every((filter) => satisfies({ [list]: element }, filter))),
    ),
    ...SubExpressions.map((sub) => matches(resource, sub)),
  ];
  return Operator === "Or" ? results.some(Boolean) : results.every(Boolean);
}

/** Properties that a search may look into for more than one text. */
const ANY_NUMBER_OF_TEXTS =
  /^(TrialComponent\.)?(DisplayName|TrialComponentName|Tags|InputArtifacts|OutputArtifacts)\b/i;

/** @throws AwsError `ValidationException` for an expression that says nothing, or asks for too much of it */
export function checkExpression(expression: Expression): void {
  if (isEmpty(expression)) {
    throw invalid("SearchExpression must have at least one filter, nested filter or subexpression");
  }
  const texts = allFilters(expression).filter(
    ({ Name: name, Operator: operator }) => operator === "Contains" && !ANY_NUMBER_OF_TEXTS.test(name),
  );
  if (texts.length > 1) {
    throw invalid("'CONTAINS' operator usage limit of 1 exceeded.");
  }
}

function isEmpty({ Filters = [], NestedFilters = [], SubExpressions = [] }: Expression): boolean {
  return Filters.length + NestedFilters.length + SubExpressions.length === 0;
}

function allFilters({ Filters = [], NestedFilters = [], SubExpressions = [] }: Expression): Condition[] {
  return [...Filters, ...NestedFilters.flatMap((nested) => nested.Filters), ...SubExpressions.flatMap(allFilters)];
}

/** Of a property with several values, such as the names of several parents, one must do. */
function satisfies(resource: Searchable, { Name: name, Operator: given, Value: value }: Condition): boolean {
  const operator = given ?? (value === undefined ? "Exists" : "Equals");
  const values = valuesAt(resource, name);
  switch (operator) {
    case "Exists":
      return values.length > 0;
    case "NotExists":
      return values.length === 0;
    case "NotEquals":
      return !values.some((one) => order(one, wanted(value, operator)) === 0);
    case "Contains":
      return values.some((one) => typeof one === "string" && one.includes(wanted(value, operator)));
    case "In": {
      const texts = wanted(value, operator)
        .split(",")
        .map((text) => text.trim());
      return values.some((one) => texts.includes(String(one)));
    }
    default:
      return values.some((one) => ORDERS[operator](order(one, wanted(value, operator)), typeof one === "string"));
  }
}

function wanted(value: string | undefined, operator: string): string {
  if (value === undefined) {
    throw invalid(`a filter with Operator ${operator} must have a Value`);
  }
  return value;
}

/** Texts are equal or not, and none is greater than another. */
const ORDERS = {
  Equals: (order: number) => order === 0,
  GreaterThan: (order: number, isText: boolean) => !isText && order > 0,
  GreaterThanOrEqualTo: (order: number, isText: boolean) => !isText && order >= 0,
  LessThan: (order: number, isText: boolean) => !isText && order < 0,
  LessThanOrEqualTo: (order: number, isText: boolean) => !isText && order <= 0,
};

/** Below, at or above 0 as a value is below, at or above that of a filter; `NaN` where they cannot be compared. */
function order(value: unknown, text: string): number {
  if (value instanceof Date) {
    // AWS's times have no zone and are in UTC.
    return value.getTime() - Date.parse(/Z|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`);
  }
  if (typeof value === "number") {
    return value - Number(text);
  }
  return value === text ? 0 : NaN;
}

/**
 * All values of a property such as `Parents.ExperimentName` or `Metrics.validation:rmse.Min`: one of each element of a list. Case
 * does not matter, and names may have dots in them.
 */
export function valuesAt(value: unknown, path: string): readonly unknown[] {
  if (value === undefined) {
    return [];
  }
  if (Array.isArray(value)) {
    return value.flatMap((element) => valuesAt(element, path));
  }
  if (path === "") {
    return [value];
  }
  if (typeof value !== "object" || value === null) {
    return [];
  }
  const lower = path.toLowerCase();
  return Object.entries(value).flatMap(([name, inner]) => {
    const key = name.toLowerCase();
    if (lower === key) {
      return valuesAt(inner, "");
    }
    return lower.startsWith(`${key}.`) ? valuesAt(inner, path.slice(name.length + 1)) : [];
  });
}
