import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { DATA_FILES, type Model } from "../../lib/model";

/** Which rows the model is made from. */
export interface Rows {
  /** Files that the model's data program reads. Without any, it makes rows up. */
  readonly files: readonly string[];
  /** How many rows to make up. */
  readonly rows: number;
  /** Only rows of this month, such as `2018-02`, where the program knows what that is. @default - all */
  readonly month?: string;
}

/** The output of a data program with `--json`. */
const prepared = z.object({
  rowsRead: z.number(),
  rowsKept: z.number(),
  /** How many rows were left out, by why. */
  rowsDropped: z.record(z.string(), z.number()).optional(),
  splits: z.object({ train: z.number(), validation: z.number(), test: z.number() }),
});
export type Prepared = z.infer<typeof prepared>;
const printed = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: "custom", message: "it has printed something else than JSON" });
      return z.NEVER;
    }
  })
  .pipe(prepared);

/**
 * Runs the model's own data program, which writes the four data files into `dir`.
 *
 * @throws what the program says about the rows, or what it has not done of what `docs/model.md` asks of it
 */
export async function prepareData(
  python: string,
  { folder, dataProgram }: Pick<Model, "folder" | "dataProgram">,
  { files, rows, month }: Rows,
  dir: string,
): Promise<Prepared> {
  const program = join(folder, dataProgram);
  const source = files.length > 0 ? ["--data", ...files] : ["--rows", String(rows)];
  const only = month === undefined ? [] : ["--month", month];
  const { stdout } = await promisify(execFile)(python, [program, ...source, ...only, "--out", dir, "--json"]).catch(
    (error: unknown) => {
      throw saidBy(error);
    },
  );
  const { data, error } = printed.safeParse(stdout);
  if (data === undefined) {
    throw new Error(`${program} must print {"rowsRead", "rowsKept", "splits"} for --json: ${z.prettifyError(error)}`);
  }
  const missing = Object.values(DATA_FILES).filter((file) => !existsSync(join(dir, file)));
  if (missing.length > 0) {
    throw new Error(`${program} has not written ${missing.join(", ")} into ${dir}`);
  }
  return data;
}

/** What a program has said before it failed, rather than how it was called. */
function saidBy(error: unknown): unknown {
  const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
  return said === "" ? error : new Error(said, { cause: error });
}
