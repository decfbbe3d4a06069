import { join } from "node:path";
import ts from "typescript";
import { sourcesOnly } from "./sources-only";
import { TypeWriter } from "./type-writer";

const PACKAGE = "sagemaker-safe-deploy";
const MODULE = `${PACKAGE}:index`;

/** The module whose constant {@link CONSTANT} has the components, each by its name. */
const ENTRY = "plugin/components.ts";
const CONSTANT = "COMPONENTS";

/**
 * The schema of the package's plugin, from which Pulumi makes SDKs for other languages: the components, their arguments and outputs, with
 * their doc comments. https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/
 *
 * It is read from the project's sources alone, in a second. Pulumi's own analyser reads every package they use, which takes it fifty, and
 * refuses readonly arrays, unions and nested objects.
 *
 * @throws Error naming an argument whose type has no counterpart in other languages
 */
export function schemaOf(root: string, version: string): object {
  const program = sourcesOnly(join(root, ENTRY));
  const checker = program.getTypeChecker();
  const writer = new TypeWriter(checker, MODULE);
  const resources = componentsOf(program, checker, root).map((component) => {
    const name = component.name?.text ?? "";
    const outputs = writer.members([outputsOf(component, checker)], name);
    const inputs = writer.members([argumentsOf(component, checker)], name);
    const spec = {
      isComponent: true,
      description: writer.description(checker.getTypeAtLocation(component).symbol),
      ...outputs,
      inputProperties: inputs.properties,
      requiredInputs: inputs.required,
    };
    return [`${MODULE}:${name}`, spec] as const;
  });
  return {
    name: PACKAGE,
    version,
    description: "Train a model on Amazon SageMaker, deploy it and replace it safely",
    license: "Apache-2.0",
    language: { python: { respectSchemaVersion: true, pyproject: { enabled: true } } },
    types: writer.types,
    resources: Object.fromEntries(resources),
  };
}

/** The classes that the constant names. */
function componentsOf(program: ts.Program, checker: ts.TypeChecker, root: string): ts.ClassDeclaration[] {
  const source = program.getSourceFile(join(root, ENTRY));
  const declared = source?.statements
    .filter((statement) => ts.isVariableStatement(statement))
    .flatMap(({ declarationList }) => declarationList.declarations)
    .find(({ name }) => ts.isIdentifier(name) && name.text === CONSTANT)?.initializer;
  if (declared === undefined || !ts.isObjectLiteralExpression(declared)) {
    throw new Error(`${ENTRY} has no constant ${CONSTANT} that lists the components`);
  }
  return declared.properties.map((property) => {
    const local = checker.getShorthandAssignmentValueSymbol(property);
    const declaration = local && checker.getAliasedSymbol(local).valueDeclaration;
    if (declaration === undefined || !ts.isClassDeclaration(declaration)) {
      throw new Error(`${ENTRY}: ${property.getText()} in ${CONSTANT} is no component`);
    }
    return declaration;
  });
}

/** The fields of a component's second parameter. */
function argumentsOf(component: ts.ClassDeclaration, checker: ts.TypeChecker): readonly ts.Symbol[] {
  const [, args] = component.members.find((member) => ts.isConstructorDeclaration(member))?.parameters ?? [];
  return args === undefined ? [] : checker.getPropertiesOfType(checker.getTypeAtLocation(args));
}

/** The fields that are outputs, apart from those that only the component itself sees. */
function outputsOf(component: ts.ClassDeclaration, checker: ts.TypeChecker): ts.Symbol[] {
  return component.members
    .filter((member) => ts.isPropertyDeclaration(member))
    .filter(({ type }) => type?.getText().startsWith("pulumi.Output<"))
    .filter((member) => (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.NonPublicAccessibilityModifier) === 0)
    .flatMap(({ name }) => checker.getSymbolAtLocation(name) ?? []);
}
