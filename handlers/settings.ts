import type { Range } from "./rows";

/** A setting of the function: an environment variable that must exist. Throws an error that names the variable. */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") {
    throw new Error(`the function's environment has no ${name}`);
  }
  return value;
}

/** A setting that is a number. Throws an error that names the variable and its value. */
export function numberSetting(name: string): number {
  const value = Number(setting(name));
  if (!Number.isFinite(value)) {
    throw new Error(`${name} in the function's environment must be a number, got ${JSON.stringify(setting(name))}`);
  }
  return value;
}

/** A setting that is a number; `undefined` if there is none. Throws an error that names the variable and its value. */
export function optionalNumberSetting(name: string): number | undefined {
  return (process.env[name] ?? "") === "" ? undefined : numberSetting(name);
}

/** A setting that is a JSON list of ranges, `[[0, 120], [0, null]]`; `undefined` if there is none. Throws an error that names the variable. */
export function optionalRangesSetting(name: string): readonly Range[] | undefined {
  if ((process.env[name] ?? "") === "") {
    return undefined;
  }
  const problem = `${name} in the function's environment must be a JSON list of [minimum, maximum], got ${setting(name)}`;
  const value = json(setting(name), problem);
  if (!Array.isArray(value) || !value.every(isPair)) {
    throw new Error(problem);
  }
  return value.map(([minimum, maximum]) => ({ minimum: minimum ?? -Infinity, maximum: maximum ?? Infinity }));
}

function isPair(value: unknown): value is readonly [number | null, number | null] {
  return Array.isArray(value) && value.length === 2 && value.every((end) => end === null || typeof end === "number");
}

/** A setting that is `true` or `false`. Throws an error that names the variable and its value. */
export function booleanSetting(name: string): boolean {
  const value = setting(name);
  if (value !== "true" && value !== "false") {
    throw new Error(`${name} in the function's environment must be "true" or "false", got ${JSON.stringify(value)}`);
  }
  return value === "true";
}

/** A setting that is a JSON list of strings, at least one. Throws an error that names the variable and its value. */
export function listSetting(name: string): readonly string[] {
  const problem = `${name} in the function's environment must be a JSON list of strings, got ${setting(name)}`;
  const value = json(setting(name), problem);
  if (!Array.isArray(value) || value.length === 0 || !value.every((item) => typeof item === "string")) {
    throw new Error(problem);
  }
  return value;
}

function json(text: string, problem: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(problem, { cause });
  }
}
