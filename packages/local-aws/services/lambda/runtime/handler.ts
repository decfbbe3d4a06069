import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { errorReport, RuntimeError } from "./errors";

export type Handler = (event: unknown, context: object) => unknown;

/**
 * Loads what a function's setting `Handler` names, such as `index.handler` or `lib/app.main`, from a CommonJS or ES module.
 *
 * @throws RuntimeError with AWS's types
 */
export async function loadHandler(folder: string, setting: string): Promise<Handler> {
  const names = /^([^.]+)\.(.+)$/.exec(basename(setting));
  if (names === null) {
    throw new RuntimeError("Runtime.MalformedHandlerName", `Bad handler: ${setting} is not of the form file.function`);
  }
  const [, file = "", exported = ""] = names;
  const path = [".js", ".mjs", ".cjs"]
    .map((extension) => join(folder, dirname(setting), file + extension))
    .find((candidate) => existsSync(candidate));
  if (path === undefined) {
    throw new RuntimeError("Runtime.ImportModuleError", `Error: Cannot find module '${file}'`);
  }
  const handler = exportOf(await load(path), exported);
  if (handler === undefined) {
    throw new RuntimeError("Runtime.HandlerNotFound", `${setting} is undefined or not exported`);
  }
  if (typeof handler !== "function") {
    throw new RuntimeError("Runtime.HandlerNotFound", `${setting} is not a function`);
  }
  // Of the form (event, context, callback). AWS's runtime for Node 24 refuses these too.
  if (handler.length > 2) {
    throw new RuntimeError(
      "Runtime.CallbackHandlerDeprecated",
      `${setting} takes a callback, which the runtime for Node 24 no longer calls: make it an async function`,
    );
  }
  return (event, context): unknown => Reflect.apply(handler, undefined, [event, context]);
}

async function load(path: string): Promise<unknown> {
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new RuntimeError("Runtime.UserCodeSyntaxError", `SyntaxError: ${error.message}`);
    }
    if (error instanceof Error && "code" in error && /MODULE_NOT_FOUND$/.test(String(error.code))) {
      throw new RuntimeError("Runtime.ImportModuleError", `Error: ${errorReport(error).errorMessage}`);
    }
    throw error;
  }
}

/** A CommonJS module's exports are those of its namespace's `default`. */
function exportOf(module: unknown, path: string): unknown {
  return property(module, path.split(".")) ?? property(property(module, ["default"]), path.split("."));
}

function property(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (from, name) => (typeof from === "object" && from !== null ? Reflect.get(from, name) : undefined),
    value,
  );
}
