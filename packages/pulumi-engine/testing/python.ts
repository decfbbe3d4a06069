import { findPython } from "../python-env";

/**
 * The Python that tests run programs with: `SAFE_DEPLOY_PYTHON`, else the project's own environment in the user's cache. Throws,
 * saying what to do, where there is neither.
 */
export function testPython(): string {
  const python = process.env.SAFE_DEPLOY_PYTHON ?? findPython();
  if (python === undefined) {
    throw new Error("no Python environment: run `npm test` once, which makes one, or set SAFE_DEPLOY_PYTHON");
  }
  return python;
}
