/**
 * The part of JSONPath that batch transform has. A row of CSV is an array of its cells.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html#data-processing-operators
 */

/** Steps from the root to what is selected; none selects everything. */
export type Filter = readonly Step[];

/** Members by name, elements by number or from one to another, or all of them. */
type Step =
  | { readonly names: readonly string[] }
  | { readonly elements: readonly (number | readonly [start: number | undefined, end: number | undefined])[] }
  | "all";

/** A filter that does not fit the data. */
export class FilterMismatch extends Error {
  override readonly name = "FilterMismatch";
}

const STEP =
  /^(?:\.?\[(?<names>\s*'[^']*'(?:\s*,\s*'[^']*')*\s*)\]|\.?\[(?<elements>[-\d:,\s]+)\]|\.?\[\*\]|\.\*|\.(?<name>[A-Za-z_][\w-]*))/;
const ELEMENT = /^(?:(?<index>-?\d+)|(?<start>-?\d*):(?<end>-?\d*))$/;

/** The steps of a filter such as `$[0,5:]` or `$['id','SageMakerOutput']`; `undefined` if it is none. */
export function parseFilter(text: string): Filter | undefined {
  if (!text.startsWith("$")) {
    return undefined;
  }
  const steps: Step[] = [];
  let rest = text.slice(1);
  while (rest !== "") {
    const found = STEP.exec(rest);
    const step = found === null ? undefined : stepOf(found);
    if (found === null || step === undefined) {
      return undefined;
    }
    steps.push(step);
    rest = rest.slice(found[0].length);
  }
  return steps;
}

function stepOf({ groups }: RegExpExecArray): Step | undefined {
  const { name, names, elements } = groups ?? {};
  if (name !== undefined) {
    return { names: [name] };
  }
  if (names !== undefined) {
    return { names: [...names.matchAll(/'([^']*)'/g)].map(([, one = ""]) => one) };
  }
  if (elements === undefined) {
    return "all";
  }
  const parts = elements.split(",").map((part) => ELEMENT.exec(part.trim())?.groups);
  return parts.includes(undefined) ? undefined : { elements: parts.map((part) => elementOf(part ?? {})) };
}

function elementOf({ index, start, end }: Readonly<Record<string, string | undefined>>) {
  const numberOf = (text: string | undefined) => (text === undefined || text === "" ? undefined : Number(text));
  return index === undefined ? ([numberOf(start), numberOf(end)] as const) : Number(index);
}

/**
 * What a filter selects. One member or element is what it is; several members are an object, several elements an array.
 *
 * @throws FilterMismatch where there is no such member or element
 */
export function select(filter: Filter, value: unknown): unknown {
  const [step, ...rest] = filter;
  if (step === undefined) {
    return value;
  }
  if (step === "all") {
    return childrenOf(value).map((one) => select(rest, one));
  }
  return "names" in step ? members(step.names, rest, value) : elements(step.elements, rest, value);
}

function childrenOf(value: unknown): unknown[] {
  return typeof value === "object" && value !== null ? Object.values(value) : [];
}

function members(names: readonly string[], rest: Filter, value: unknown): unknown {
  const found = names.map((name) => {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) {
      throw new FilterMismatch(`there is no member ${name}`);
    }
    return [name, select(rest, Reflect.get(value, name))] as const;
  });
  const [only, ...others] = found;
  return only !== undefined && others.length === 0 ? only[1] : Object.fromEntries(found);
}

function elements(
  wanted: readonly (number | readonly [number | undefined, number | undefined])[],
  rest: Filter,
  value: unknown,
): unknown {
  if (!Array.isArray(value)) {
    throw new FilterMismatch("there is no array to select elements of");
  }
  const all: readonly unknown[] = value;
  const found = wanted.flatMap((one) => {
    if (typeof one !== "number") {
      return all.slice(...one);
    }
    if (one >= all.length || one < -all.length) {
      throw new FilterMismatch(`there is no element ${one} among ${all.length}`);
    }
    return [all.at(one)];
  });
  const [only] = wanted;
  return wanted.length === 1 && typeof only === "number"
    ? select(rest, found[0])
    : found.map((one) => select(rest, one));
}
