import ts from "typescript";

/** A type, as Pulumi's schema has it. */
interface TypeSpec {
  readonly type?: "string" | "number" | "boolean" | "array" | "object";
  readonly $ref?: string;
  readonly items?: TypeSpec;
  readonly additionalProperties?: TypeSpec;
  readonly oneOf?: readonly TypeSpec[];
  /** Whether it must be known before anything runs, and cannot be the output of another resource. */
  readonly plain?: true;
}

interface PropertySpec extends TypeSpec {
  readonly description: string;
}

/** The members of an object. */
interface Members {
  readonly properties: Readonly<Record<string, PropertySpec>>;
  readonly required: readonly string[];
}

/** Arguments that are functions: programs in other languages have `transforms` of their own for it. */
const ONLY_TYPESCRIPT = ["transform"];

/** Writes types as they stand in the source, and keeps the objects among them under names. */
export class TypeWriter {
  readonly types: Record<string, Members & { readonly type: "object"; readonly description: string }> = {};

  /** @param module that the types belong to, as a token begins */
  constructor(
    private readonly checker: ts.TypeChecker,
    private readonly module: string,
  ) {}

  /** @param owner name of what they are members of */
  members(symbols: readonly ts.Symbol[], owner: string): Members {
    const kept = symbols.filter(({ name }) => !ONLY_TYPESCRIPT.includes(name));
    const properties = kept.map((symbol) => {
      const [declaration] = symbol.declarations ?? [];
      const node =
        declaration !== undefined && (ts.isPropertySignature(declaration) || ts.isPropertyDeclaration(declaration))
          ? declaration.type
          : undefined;
      if (node === undefined) {
        throw new Error(`${owner}.${symbol.name} has no type that other languages could have`);
      }
      const spec = this.value(node, `${owner}${capitalized(symbol.name)}`);
      return [symbol.name, { description: this.description(symbol), ...spec }] as const;
    });
    const required = kept.filter(({ flags }) => (flags & ts.SymbolFlags.Optional) === 0).map(({ name }) => name);
    return { properties: Object.fromEntries(properties), required };
  }

  /** What its doc comment says, and its default. */
  description(symbol: ts.Symbol): string {
    const comment = ts.displayPartsToString(symbol.getDocumentationComment(this.checker)).replaceAll(/\s*\n\s*/g, " ");
    const tag = symbol.getJsDocTags(this.checker).find(({ name }) => name === "default");
    const fallback = ts.displayPartsToString(tag?.text).replace(/^- /, "");
    return [comment, fallback === "" ? "" : `Default: ${fallback}.`].join(" ").trim();
  }

  /** A value that may be an output of another resource, or must be plain. */
  private value(node: ts.TypeNode, name: string): TypeSpec {
    const [inner] = isNamed(node, "pulumi.Input", "pulumi.Output") ? (node.typeArguments ?? []) : [];
    return inner === undefined ? { ...this.spec(node, name), plain: true } : this.spec(inner, name);
  }

  /** @param name for the type, if it is an object that has none */
  private spec(node: ts.TypeNode, name: string): TypeSpec {
    switch (node.kind) {
      case ts.SyntaxKind.StringKeyword:
        return { type: "string" };
      case ts.SyntaxKind.NumberKeyword:
        return { type: "number" };
      case ts.SyntaxKind.BooleanKeyword:
        return { type: "boolean" };
    }
    if (ts.isTypeOperatorNode(node) || ts.isParenthesizedTypeNode(node)) {
      return this.spec(node.type, name);
    }
    if (ts.isArrayTypeNode(node)) {
      return { type: "array", items: this.value(node.elementType, name) };
    }
    if (ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal)) {
      return { type: "string" };
    }
    if (ts.isTypeLiteralNode(node)) {
      return this.object(name, this.checker.getTypeAtLocation(node));
    }
    if (ts.isUnionTypeNode(node)) {
      return this.union(node, name);
    }
    if (ts.isTypeReferenceNode(node)) {
      return this.reference(node, name);
    }
    throw new Error(`${name}: ${node.getText()} has no counterpart in other languages`);
  }

  private union({ types }: ts.UnionTypeNode, name: string): TypeSpec {
    const members = types
      .filter(({ kind }) => kind !== ts.SyntaxKind.UndefinedKeyword)
      .map((node) => this.spec(node, ts.isTypeLiteralNode(node) ? `${name}${firstMember(node)}` : name));
    const different = [...new Map(members.map((member) => [JSON.stringify(member), member])).values()];
    return different.length === 1 ? (different[0] ?? {}) : { oneOf: different };
  }

  private reference(node: ts.TypeReferenceNode, name: string): TypeSpec {
    const [first, second] = node.typeArguments ?? [];
    if (isNamed(node, "Readonly") && first !== undefined) {
      return this.spec(first, name);
    }
    if (isNamed(node, "Record") && second !== undefined) {
      return { type: "object", additionalProperties: this.value(second, name) };
    }
    const local = this.checker.getSymbolAtLocation(node.typeName);
    const symbol = local && local.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(local) : local;
    const [declaration] = symbol?.declarations ?? [];
    if (symbol !== undefined && declaration !== undefined && ts.isInterfaceDeclaration(declaration)) {
      return this.object(symbol.name, this.checker.getDeclaredTypeOfSymbol(symbol));
    }
    if (symbol !== undefined && declaration !== undefined && ts.isTypeAliasDeclaration(declaration)) {
      return this.spec(declaration.type, symbol.name);
    }
    throw new Error(`${name}: ${node.getText()} is of another package, and has no counterpart in other languages`);
  }

  private object(name: string, type: ts.Type): TypeSpec {
    const token = `${this.module}:${name}`;
    this.types[token] ??= {
      type: "object",
      description: this.description(type.aliasSymbol ?? type.symbol),
      ...this.members(this.checker.getPropertiesOfType(type), name),
    };
    return { $ref: `#/types/${token}` };
  }
}

function isNamed(node: ts.TypeNode, ...names: readonly string[]): node is ts.TypeReferenceNode {
  return ts.isTypeReferenceNode(node) && names.includes(node.typeName.getText());
}

/** Of the objects of a union, each has the name of its first member after that of the union. */
function firstMember({ members: [first] }: ts.TypeLiteralNode): string {
  return capitalized(first?.name?.getText() ?? "");
}

const capitalized = (name: string) => `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
