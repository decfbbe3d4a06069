import ts from "typescript";
import { declaredType, References } from "./references";

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

/** A type that has a name. */
type NamedSpec =
  | (Members & { readonly type: "object"; readonly description: string })
  | { readonly type: "string"; readonly enum: readonly { readonly value: string }[] };

/** Arguments that are functions: programs in other languages have `transforms` of their own for it. */
const ONLY_TYPESCRIPT = ["transform"];

/** TypeScript's own types that make objects of objects. */
const PARTS_OF_OBJECTS = ["Omit", "Partial", "Pick"];

/** Types of Pulumi's own that schemas have names for. */
const OF_PULUMI: ReadonlyMap<string, string> = new Map([["pulumi.asset.Archive", "pulumi.json#/Archive"]]);

/**
 * Writes types as they stand in the source, and keeps objects and choices between texts under names. A choice between objects becomes one
 * object with the members of all, which every language has a word for. Which of them go together the component knows.
 */
export class TypeWriter {
  readonly types: Record<string, NamedSpec> = {};
  private readonly references: References;
  /** What is written under a name. */
  private readonly written = new Map<string, ts.Type | undefined>();

  /** @param module that the types belong to, as a token begins */
  constructor(
    private readonly checker: ts.TypeChecker,
    private readonly module: string,
  ) {
    this.references = new References(checker);
  }

  /**
   * @param alternatives the members of what they are members of; of each, if it is one of several objects
   * @param owner its name
   */
  members(alternatives: readonly (readonly ts.Symbol[])[], owner: string): Members {
    const names = [...new Set(alternatives.flat().map(({ name }) => name))].filter((n) => !ONLY_TYPESCRIPT.includes(n));
    const fields = names.map((name) => {
      const symbols = alternatives.flatMap((symbols) => symbols.find((symbol) => symbol.name === name) ?? []);
      const nodes = symbols.map((symbol) => {
        const node = declaredType(symbol);
        if (node === undefined) {
          throw new Error(`${owner}.${name} has no type that other languages could have`);
        }
        return node;
      });
      const descriptions = symbols.map((symbol) => this.description(symbol)).filter((text) => text !== "");
      return {
        name,
        isRequired: symbols.length === alternatives.length && !symbols.some(isOptional),
        spec: {
          description: [...new Set(descriptions)].join(" "),
          ...this.value(nodes, `${owner}${capitalized(name)}`),
        },
      };
    });
    return {
      properties: Object.fromEntries(fields.map(({ name, spec }) => [name, spec])),
      required: fields.filter(({ isRequired }) => isRequired).map(({ name }) => name),
    };
  }

  /** What its doc comment says, and its default. */
  description(symbol: ts.Symbol | undefined): string {
    const parts = symbol?.getDocumentationComment(this.checker);
    const comment = ts.displayPartsToString(parts).replaceAll(/\s*\n\s*/g, " ");
    const tag = symbol?.getJsDocTags(this.checker).find(({ name }) => name === "default");
    const fallback = ts.displayPartsToString(tag?.text).replace(/^- /, "");
    return [comment, fallback === "" ? "" : `Default: ${fallback}.`].join(" ").trim();
  }

  /** A value that may be an output of another resource, or must be plain. */
  private value(given: readonly ts.TypeNode[], name: string): TypeSpec {
    const nodes = this.references.alternatives(given);
    const inner = nodes.map((node) =>
      isNamed(node, "pulumi.Input", "pulumi.Output") ? (node.typeArguments?.[0] ?? node) : node,
    );
    const isPlain = nodes.every((node, index) => node === inner[index]);
    return isPlain ? { ...this.choice(inner, name), plain: true } : this.choice(inner, name);
  }

  /** One of these types. @param name for it, if it needs one and has none */
  private choice(given: readonly ts.TypeNode[], name: string, described?: ts.Symbol): TypeSpec {
    const nodes = this.references.alternatives(given);
    const texts = nodes.flatMap((node) => (isText(node) ? node.literal.text : []));
    if (texts.length > 0 && texts.length === nodes.length) {
      return this.named(name, undefined, () => ({
        type: "string",
        enum: [...new Set(texts)].map((value) => ({ value })),
      }));
    }
    const types = nodes.map((node) => this.checker.getTypeFromTypeNode(node));
    if (types.length > 1 && types.every(isObject)) {
      return this.object(name, types, described);
    }
    const members = nodes.map((node) => this.spec(node, name, described));
    const different = [...new Map(members.map((member) => [JSON.stringify(member), member])).values()];
    return different.length === 1 ? (different[0] ?? {}) : { oneOf: different };
  }

  private spec(node: ts.TypeNode, name: string, described?: ts.Symbol): TypeSpec {
    switch (node.kind) {
      case ts.SyntaxKind.StringKeyword:
        return { type: "string" };
      case ts.SyntaxKind.NumberKeyword:
        return { type: "number" };
      case ts.SyntaxKind.BooleanKeyword:
        return { type: "boolean" };
      case ts.SyntaxKind.UnknownKeyword:
        return { $ref: "pulumi.json#/Any" };
    }
    if (ts.isArrayTypeNode(node)) {
      return { type: "array", items: this.value([node.elementType], name) };
    }
    if (ts.isLiteralTypeNode(node)) {
      return { type: isText(node) ? "string" : "boolean" };
    }
    if (ts.isTypeReferenceNode(node)) {
      return this.reference(node, name, described);
    }
    const type = this.checker.getTypeFromTypeNode(node);
    if (!isObject(type)) {
      throw new Error(`${name}: ${node.getText()} has no counterpart in other languages`);
    }
    return this.object(name, [type], described);
  }

  private reference(node: ts.TypeReferenceNode, name: string, described: ts.Symbol | undefined): TypeSpec {
    const [first, second] = node.typeArguments ?? [];
    if (isNamed(node, "Readonly") && first !== undefined) {
      return this.choice([first], name, described);
    }
    if (isNamed(node, "Record") && second !== undefined) {
      return { type: "object", additionalProperties: this.value([second], name) };
    }
    if (PARTS_OF_OBJECTS.includes(node.typeName.getText())) {
      return this.object(name, [this.checker.getTypeFromTypeNode(node)], described);
    }
    const symbol = this.references.symbol(node.typeName);
    const [declaration] = symbol?.declarations ?? [];
    if (symbol !== undefined && declaration !== undefined && ts.isInterfaceDeclaration(declaration)) {
      this.references.bind(declaration, node.typeArguments);
      return this.object(symbol.name, [this.checker.getTypeFromTypeNode(node)], symbol);
    }
    if (symbol !== undefined && declaration !== undefined && ts.isTypeAliasDeclaration(declaration)) {
      return this.choice([declaration.type], symbol.name, symbol);
    }
    const ref = OF_PULUMI.get(node.typeName.getText());
    if (ref === undefined) {
      throw new Error(`${name}: ${node.getText()} is of another package, and has no counterpart in other languages`);
    }
    return { $ref: ref };
  }

  /** An object, or one in the place of several. */
  private object(name: string, types: readonly ts.Type[], described: ts.Symbol | undefined): TypeSpec {
    const each = types.flatMap((type) => (type.isUnion() ? type.types : [type]));
    return this.named(name, types[0], () => ({
      type: "object",
      description: this.description(described),
      ...this.members(
        each.map((type) => this.checker.getPropertiesOfType(type)),
        name,
      ),
    }));
  }

  /** @throws if another type has the name already */
  private named(name: string, type: ts.Type | undefined, write: () => NamedSpec): TypeSpec {
    const token = `${this.module}:${name}`;
    if (!this.written.has(token)) {
      this.written.set(token, type);
      this.types[token] = write();
    } else if (this.written.get(token) !== type) {
      throw new Error(`${name} is the name of two types, which other languages cannot tell apart`);
    }
    return { $ref: `#/types/${token}` };
  }
}

function isNamed(node: ts.TypeNode, ...names: readonly string[]): node is ts.TypeReferenceNode {
  return ts.isTypeReferenceNode(node) && names.includes(node.typeName.getText());
}

function isText(node: ts.TypeNode): node is ts.LiteralTypeNode & { readonly literal: ts.StringLiteral } {
  return ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal);
}

/** Whether a type is an object with members of known names, or a choice between such. */
function isObject(type: ts.Type): boolean {
  return type.isUnion()
    ? type.types.every(isObject)
    : type.isIntersection() ||
        ((type.flags & ts.TypeFlags.Object) !== 0 &&
          type.getStringIndexType() === undefined &&
          type.getNumberIndexType() === undefined &&
          type.getProperties().length > 0);
}

/** Also if it must be given, but may be `undefined`. */
function isOptional(member: ts.Symbol): boolean {
  const type = declaredType(member);
  const isUndefined = ({ kind }: ts.TypeNode) => kind === ts.SyntaxKind.UndefinedKeyword;
  return (
    (member.flags & ts.SymbolFlags.Optional) !== 0 ||
    (type !== undefined && ts.isUnionTypeNode(type) && type.types.some(isUndefined))
  );
}

const capitalized = (name: string) => `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
