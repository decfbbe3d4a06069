import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { explained } from "../../lib/errors";

/** What a data program may count on (`docs/model.md`): packages that are called like their modules. */
const MODULES = ["numpy", "pandas"];
/** What pandas needs in addition to read Parquet. */
const OF_PARQUET = ["pyarrow"];

const MISSING = "import sys, importlib.util as u; print(*[m for m in sys.argv[1:] if u.find_spec(m) is None])";

/**
 * Checks that a Python can run a data program.
 *
 * @throws what it lacks, and how to get that
 */
export async function checkPython(python: string, files: readonly string[]): Promise<void> {
  const wanted = [...MODULES, ...(files.some((file) => /\.parquet$/i.test(file)) ? OF_PARQUET : [])];
  const call = promisify(execFile)(python, ["-c", MISSING, ...wanted]);
  const { stdout } = await call.catch((error: unknown) => {
    const why = explained(error).message;
    throw new Error(`--python: ${python} cannot be started: install Python 3.10 or newer, or name one (${why})`, {
      cause: error,
    });
  });
  const missing = stdout.split(/\s+/).filter((name) => name !== "");
  if (missing.length > 0) {
    throw new Error(
      `--python: ${python} has no ${missing.join(", ")}: ${python} -m pip install ${missing.join(" ")}, or name a Python that has them`,
    );
  }
}
