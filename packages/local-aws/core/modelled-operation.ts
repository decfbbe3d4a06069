import type { $MemberSchema, $Schema, StaticOperationSchema, StaticStructureSchema } from "@smithy/types";
import { operationOf, type Checked, type Operation } from "./operation";
import type { ServiceModel } from "./service-models";

/** Declares an operation: `name` is AWS's, `I` and the output are written by hand as far as they are used. */
export type Declare = <I extends object>(
  name: string,
  run: (input: Checked<I>) => object | Promise<object>,
) => Operation;

/**
 * For a service whose SDK client is not among the dependencies. The wire schema of its operations is made from AWS's service model in
 * botocore, for services that speak REST-JSON.
 */
export function operationsOf(model: ServiceModel): Declare {
  return (name, run) => operationOf(operationSchema(model, name), run);
}

/** The SDK's static form of schemas: https://github.com/smithy-lang/smithy-typescript/tree/main/packages/types/src/schema */
const [LIST, MAP, STRUCTURE, OPERATION] = [1, 2, 3, 9] as const;
const SIMPLE: Readonly<Record<string, number>> = {
  string: 0,
  integer: 1,
  long: 1,
  boolean: 2,
  timestamp: 4,
  blob: 21,
};
const NAMESPACE = "com.amazonaws";

type Shape = ServiceModel["shapes"][string];
type Member = NonNullable<Shape["members"]>[string];

function operationSchema(model: ServiceModel, name: string): StaticOperationSchema {
  const declared = model.operations[name];
  if (declared === undefined) {
    throw new Error(`AWS's service model has no operation ${name}`);
  }
  const { http, input, output } = declared;
  const members = Object.entries(model.shapes[input?.shape ?? ""]?.members ?? {});
  // The SDK's paths name members, the model's what stands for them on the wire.
  const path = members.reduce(
    (uri, [member, { location, locationName = member }]) =>
      location === "uri" ? uri.replace(`{${locationName}}`, `{${member}}`) : uri,
    http.requestUri,
  );
  return [
    OPERATION,
    NAMESPACE,
    name,
    { http: [http.method, path, http.responseCode ?? 200] },
    schemaOf(model, input?.shape),
    schemaOf(model, output?.shape),
  ];
}

function schemaOf(model: ServiceModel, name = ""): $Schema {
  const shape = model.shapes[name];
  if (shape === undefined) {
    return [STRUCTURE, NAMESPACE, "Unit", 0, [], []];
  }
  switch (shape.type) {
    case "structure":
      return structureOf(model, name, shape);
    case "list":
      return [LIST, NAMESPACE, name, 0, () => schemaOf(model, shape.member?.shape)];
    case "map":
      return [
        MAP,
        NAMESPACE,
        name,
        0,
        () => schemaOf(model, shape.key?.shape),
        () => schemaOf(model, shape.value?.shape),
      ];
    default:
      return simple(name, shape);
  }
}

/** The SDK wants members that must be there before the others. */
function structureOf(model: ServiceModel, name: string, { members = {}, required = [] }: Shape): StaticStructureSchema {
  const needed = Object.keys(members).filter((member) => required.includes(member));
  const names = [...needed, ...Object.keys(members).filter((member) => !required.includes(member))];
  const schemas = names.flatMap((member) => (members[member] === undefined ? [] : [memberOf(model, members[member])]));
  return [STRUCTURE, NAMESPACE, name, 0, names, schemas, needed.length];
}

function memberOf(model: ServiceModel, { shape, location, locationName }: Member): $MemberSchema {
  const schema = () => schemaOf(model, shape);
  switch (location) {
    case undefined:
      return [schema, locationName === undefined ? 0 : { jsonName: locationName }];
    case "uri":
      return [schema, { httpLabel: 1 }];
    case "querystring":
      return [schema, { httpQuery: locationName ?? "" }];
    default:
      throw new Error(
        `a member of ${shape} in the place "${location}" is nothing that is read from a service model yet`,
      );
  }
}

function simple(name: string, { type }: Shape): number {
  const schema = SIMPLE[type];
  if (schema === undefined) {
    throw new Error(`${name} has the type ${type}, which is nothing that is read from a service model yet`);
  }
  return schema;
}
