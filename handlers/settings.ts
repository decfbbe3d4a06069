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
  let value: unknown;
  try {
    value = JSON.parse(setting(name));
  } catch (cause) {
    throw new Error(problem, { cause });
  }
  if (!Array.isArray(value) || value.length === 0 || !value.every((item) => typeof item === "string")) {
    throw new Error(problem);
  }
  return value;
}
