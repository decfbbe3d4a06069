import ts from "typescript";

/** Finds what stands behind a type's name, as far as it is the project's own. */
export class References {
  /** What the type parameters of generic interfaces stand for. */
  private readonly bound = new Map<ts.Symbol, ts.TypeNode>();

  constructor(private readonly checker: ts.TypeChecker) {}

  /** The types that a value has one of: without `undefined`, `readonly`, parentheses, type parameters and `Args["member"]`. */
  alternatives(nodes: readonly ts.TypeNode[]): ts.TypeNode[] {
    return nodes.flatMap((node) => {
      if (node.kind === ts.SyntaxKind.UndefinedKeyword) {
        return [];
      }
      if (ts.isTypeOperatorNode(node) || ts.isParenthesizedTypeNode(node)) {
        return this.alternatives([node.type]);
      }
      if (ts.isUnionTypeNode(node)) {
        return this.alternatives(node.types);
      }
      const behind = ts.isIndexedAccessTypeNode(node) ? this.memberType(node) : this.argument(node);
      return behind === undefined ? [node] : this.alternatives([behind]);
    });
  }

  /** The interface or alias that a name means. */
  symbol(name: ts.Node): ts.Symbol | undefined {
    const local = this.checker.getSymbolAtLocation(name);
    return local && local.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(local) : local;
  }

  /** Remembers what the parameters of a generic interface, and of those that it extends, stand for. */
  bind(declaration: ts.InterfaceDeclaration, args: readonly ts.TypeNode[] = []): void {
    for (const [index, parameter] of (declaration.typeParameters ?? []).entries()) {
      const symbol = this.symbol(parameter.name);
      const argument = args[index] ?? parameter.default;
      if (symbol !== undefined && argument !== undefined) {
        this.bound.set(symbol, argument);
      }
    }
    for (const { expression, typeArguments } of (declaration.heritageClauses ?? []).flatMap(({ types }) => types)) {
      const [extended] = this.symbol(expression)?.declarations ?? [];
      if (extended !== undefined && ts.isInterfaceDeclaration(extended)) {
        this.bind(extended, typeArguments);
      }
    }
  }

  /** What a type parameter stands for. */
  private argument(node: ts.TypeNode): ts.TypeNode | undefined {
    const symbol = ts.isTypeReferenceNode(node) ? this.symbol(node.typeName) : undefined;
    return symbol && this.bound.get(symbol);
  }

  /** The type that `Args["member"]` means. */
  private memberType({ objectType, indexType }: ts.IndexedAccessTypeNode): ts.TypeNode | undefined {
    const key = ts.isLiteralTypeNode(indexType) && ts.isStringLiteral(indexType.literal) ? indexType.literal.text : "";
    const member = this.checker.getTypeFromTypeNode(objectType).getProperty(key);
    return member && declaredType(member);
  }
}

/** The type that stands after a member's name. */
export function declaredType(member: ts.Symbol): ts.TypeNode | undefined {
  const [declaration] = member.declarations ?? [];
  return declaration !== undefined && (ts.isPropertySignature(declaration) || ts.isPropertyDeclaration(declaration))
    ? declaration.type
    : undefined;
}
