import type { PatchOperation } from "@aws-sdk/client-api-gateway";
import { badRequest } from "./errors";

/** What one path of a patch may do. */
export interface PatchRule {
  /** Of the whole path; its groups are given to `apply`, unescaped. */
  readonly path: RegExp;
  /**
   * @param value `undefined` if it is to be removed
   * @param named the value as it came, which for members of a list names the one to be removed
   */
  readonly apply: (
    value: string | undefined,
    groups: readonly string[],
    op: "add" | "replace" | "remove",
    named: string | undefined,
  ) => void;
}

/**
 * Carries out API Gateway's patch operations, which are JSON Patch with values in text.
 * https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
 *
 * @param rules change a draft; the caller keeps it when all went well
 * @throws BadRequestException for a path that no rule knows
 */
export function patch(operations: readonly PatchOperation[] | undefined, rules: readonly PatchRule[]): void {
  for (const { op, path = "", value } of operations ?? []) {
    if (op !== "add" && op !== "replace" && op !== "remove") {
      throw badRequest(`Invalid patch operation specified '${op ?? ""}'. Must be one of: [add, remove, replace]`);
    }
    const rule = rules.find((candidate) => candidate.path.test(path));
    if (rule === undefined) {
      throw badRequest(`Invalid patch path  '${path}' specified for op '${op}'.`);
    }
    const groups = rule.path.exec(path)?.slice(1) ?? [];
    rule.apply(op === "remove" ? undefined : value, groups.map(unescapePointer), op, value);
  }
}

/** https://www.rfc-editor.org/rfc/rfc6901#section-3 */
function unescapePointer(text: string): string {
  return text.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** Text of a patch as a boolean. */
export function patchedBoolean(value: string | undefined): boolean {
  if (value !== "true" && value !== "false" && value !== undefined) {
    throw badRequest(`Invalid boolean value specified: ${value}`);
  }
  return value === "true";
}

/** Text of a patch as a number. */
export function patchedNumber(value: string | undefined): number {
  const number = Number(value);
  if (value === undefined || value === "" || !Number.isFinite(number) || number < 0) {
    throw badRequest(`Invalid number specified: ${value ?? ""}`);
  }
  return number;
}
