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
  // Each file's declarations come from that file alone: in a second, where the compiler would read all of Pulumi's types first.
  isolatedDeclarations: true,
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  strict: true,
};

/**
 * The type declarations of some modules and of all those of ours that they name, laid out below `outdir` as the sources are below `root`. What
 * the declarations do not name is left out, and so are the packages that only it uses.
 *
 * @param entries Paths of the modules from `root`.
 * @throws Error naming each place where a type must be written down because it does not follow from its own file.
 */
export async function declarations(root: string, entries: readonly string[], outdir: string): Promise<Declaration[]> {
  const found = new Map<string, Declaration>();
  const problems: string[] = [];
  const visit = async (source: string): Promise<void> => {
    if (found.has(source)) {
      return;
    }
    const text = await readFile(source, "utf8");
    const { outputText, diagnostics = [] } = ts.transpileDeclaration(text, {
      fileName: source,
      reportDiagnostics: true,
      compilerOptions: OPTIONS,
    });
    const path = join(outdir, relative(root, source)).replace(/\.ts$/, ".d.ts");
    found.set(source, { path, contents: Buffer.from(outputText) });
    problems.push(...diagnostics.map((diagnostic) => described(diagnostic, root)));
    for (const { fileName: imported } of ts.preProcessFile(outputText).importedFiles) {
      if (imported.startsWith(".")) {
        await visit(`${join(dirname(source), imported)}.ts`);
      }
    }
  };
  for (const entry of entries) {
    await visit(join(root, entry));
  }
  if (problems.length > 0) {
    throw new Error(`what the package exports must have its types written down:\n${problems.join("\n")}`);
  }
  return [...found.values()];
}

/** `components/caller.ts:7: Function must have an explicit return type annotation …` */
function described({ file, start = 0, messageText }: ts.Diagnostic, root: string): string {
  const message = ts.flattenDiagnosticMessageText(messageText, "\n");
  const place = file && `${relative(root, file.fileName)}:${file.getLineAndCharacterOfPosition(start).line + 1}: `;
  return `  ${place ?? ""}${message}`;
}
