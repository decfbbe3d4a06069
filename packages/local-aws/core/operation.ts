import { NormalizedSchema } from "@smithy/core/schema";
import type { Handler, StaticOperationSchema } from "@smithy/types";
import { AwsError } from "./aws-error";

/**
 * An operation's input after the check for completeness. Members that AWS marks as required (`X: T | undefined` in the SDK's types) exist;
 * optional ones (`X?: T`) may be missing.
 */
export type Checked<T> = T extends Date | Uint8Array
  ? T
  : T extends readonly (infer E)[]
    ? Checked<E>[]
    : T extends object
      ? { [K in keyof T]: object extends Pick<T, K> ? Checked<T[K]> : Checked<Exclude<T[K], undefined>> }
      : T;

/** A command class of the AWS SDK, of which only the types of input and output are used. */
type CommandClass<I extends object, O extends object> = new (input: I) => {
  readonly input: I;
  resolveMiddleware(stack: never, configuration: never, options: never): Handler<I, O>;
};

/** Reads the wire form of a value by its schema. */
type Decode = (schema: NormalizedSchema) => Promise<unknown>;

/** Returns each constraint of AWS's service model that an operation's input violates. */
export type Violations = (operation: string, input: unknown) => readonly string[];

/** One operation of a service, ready to be called by a protocol. */
export interface Operation {
  /** AWS's name, such as `CreateTrainingJob`. */
  readonly name: string;
  readonly schema: StaticOperationSchema;
  /** Reads the input, refuses it if it is incomplete or violates a constraint, and returns the output, which must still be encoded. */
  run(decode: Decode, violations: Violations): Promise<unknown>;
}

/**
 * Makes an operation of the local AWS from the SDK's command of the same name. It has the command's input and output types and wire schema.
 */
export function operation<I extends object, O extends object>(
  command: CommandClass<I, O>,
  run: (input: Checked<I>) => Omit<O, "$metadata"> | Promise<Omit<O, "$metadata">>,
): Operation {
  return operationOf<I>(operationSchema(command), run);
}

/** Makes an operation of its wire schema. `I` must be what the schema says. */
export function operationOf<I extends object>(
  schema: StaticOperationSchema,
  run: (input: Checked<I>) => object | Promise<object>,
): Operation {
  const inputSchema = NormalizedSchema.of(schema[4]);
  return {
    name: schema[2],
    schema,
    async run(decode, violations) {
      const input = await decode(inputSchema);
      const problems = [...missingMembers(inputSchema, input, ""), ...violations(schema[2], input)];
      if (!isInput<I>(input, problems)) {
        throw new AwsError("ValidationException", validationMessage(problems));
      }
      return run(input);
    },
  };
}

/** A value that was read by AWS's own schema of an input is such an input, unless something was found wrong with it. */
function isInput<I>(read: unknown, problems: readonly string[]): read is Checked<I> {
  return typeof read === "object" && read !== null && problems.length === 0;
}

/** Index of the number of required members in a structure schema. The list of members begins with these. */
const REQUIRED_COUNT = 6;
const MEMBER_NAMES = 4;

function operationSchema(command: new (input: never) => object): StaticOperationSchema {
  const probe: unknown = Reflect.construct(command, [{}]);
  if (typeof probe === "object" && probe !== null && "schema" in probe && isOperationSchema(probe.schema)) {
    return probe.schema;
  }
  throw new Error(
    `${command.name} carries no operation schema: this version of the AWS SDK is not one the local AWS knows`,
  );
}

function isOperationSchema(schema: unknown): schema is StaticOperationSchema {
  return Array.isArray(schema) && schema[0] === 9 && typeof schema[2] === "string";
}

function missingMembers(schema: NormalizedSchema, value: unknown, path: string): string[] {
  if (value === undefined || value === null) {
    return [];
  }
  if (Array.isArray(value) && schema.isListSchema()) {
    return value.flatMap((item, i) => missingMembers(schema.getValueSchema(), item, `${path}.${i + 1}.member`));
  }
  if (typeof value !== "object" || !schema.isStructSchema()) {
    return [];
  }
  const members: Readonly<Record<string, unknown>> = { ...value };
  const required = requiredMembers(schema);
  return [...schema.structIterator()].flatMap(([name, member]) => {
    const at = path === "" ? lowerFirst(name) : `${path}.${lowerFirst(name)}`;
    return members[name] === undefined && required.has(name)
      ? [`Value at '${at}' failed to satisfy constraint: Member must not be null`]
      : missingMembers(member, members[name], at);
  });
}

function requiredMembers(schema: NormalizedSchema): ReadonlySet<string> {
  const structure: unknown = schema.getSchema();
  if (!Array.isArray(structure)) {
    return new Set();
  }
  const names: unknown = structure[MEMBER_NAMES];
  const count: unknown = structure[REQUIRED_COUNT];
  return new Set(Array.isArray(names) && typeof count === "number" ? names.slice(0, count).map(String) : []);
}

function validationMessage(problems: readonly string[]): string {
  return `${problems.length} validation error${problems.length > 1 ? "s" : ""} detected: ${problems.join("; ")}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
