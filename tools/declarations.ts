import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import ts from "typescript";

/** A file to be written. */
export interface Declaration {
  readonly path: string;
  readonly contents: Buffer;
}

const OPTIONS: ts.CompilerOptions = {
  declaration: true,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  strict: true,
};

/**
 * The type declarations of some modules and of all those of ours that they name, laid out below `outdir` as the sources are below `root`.
 * What the declarations do not name is left out, and so are the packages that only it uses.
 *
 * @param entries Paths of the modules from `root`.
 */
export async function declarations(root: string, entries: readonly string[], outdir: string): Promise<Declaration[]> {
  const found: Declaration[] = [];
  // A set hands out also what is added to it on the way.
  const sources = new Set(entries.map((entry) => join(root, entry)));
  for (const source of sources) {
    const text = declarationsOf(source, await readFile(source, "utf8"));
    found.push({ path: join(outdir, relative(root, source)).replace(/\.ts$/, ".d.ts"), contents: Buffer.from(text) });
    for (const { fileName: imported } of ts.preProcessFile(text).importedFiles) {
      if (imported.startsWith(".")) {
        sources.add(`${join(dirname(source), imported)}.ts`);
      }
    }
  }
  return found;
}

/**
 * Most follow from a file alone, in milliseconds. Where a type is not written down, the compiler has to infer it, and reads all that the
 * file imports: Pulumi's own types would take it ten seconds.
 */
function declarationsOf(source: string, text: string): string {
  const alone = ts.transpileDeclaration(text, {
    fileName: source,
    reportDiagnostics: true,
    compilerOptions: { ...OPTIONS, isolatedDeclarations: true },
  });
  return alone.diagnostics?.length === 0 ? alone.outputText : inferredDeclarations(source);
}

function inferredDeclarations(source: string): string {
  const program = ts.createProgram([source], { ...OPTIONS, noCheck: true, types: [] });
  let text = "";
  program.emit(
    program.getSourceFile(source),
    (_path, emitted) => {
      text = emitted;
    },
    undefined,
    true,
  );
  return text;
}
