import { dirname, join } from "node:path";
import ts from "typescript";

const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  lib: ["lib.es2022.d.ts"],
  strict: true,
  types: [],
};

/** A program of a module and of all those of ours that it imports. What comes from packages has no type in it, and is not read. */
export function sourcesOnly(entry: string): ts.Program {
  const host = ts.createCompilerHost(OPTIONS);
  host.resolveModuleNameLiterals = (literals, containingFile) =>
    literals.map(({ text }) => {
      const resolvedFileName = `${join(dirname(containingFile), text)}.ts`;
      return text.startsWith(".") && ts.sys.fileExists(resolvedFileName)
        ? { resolvedModule: { resolvedFileName, extension: ts.Extension.Ts } }
        : { resolvedModule: undefined };
    });
  return ts.createProgram([entry], OPTIONS, host);
}
