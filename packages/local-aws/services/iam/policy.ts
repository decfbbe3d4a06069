import { z } from "zod";
import { AwsError } from "../../core/aws-error";

/** Actions or resources that a statement names, or that it names as not meant. */
export interface Selection {
  readonly patterns: readonly string[];
  /** `NotAction`, `NotResource`: everything but these. */
  readonly negated: boolean;
}

/** One test of a statement's `Condition`. */
export interface Condition {
  /** Such as `StringLike` or `ForAnyValue:StringEquals`. */
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** Whom a statement of a trust or resource policy is about. */
export interface Principals {
  readonly anybody: boolean;
  /** ARNs, account ids. */
  readonly aws: readonly string[];
  /** Such as `codebuild.amazonaws.com`. */
  readonly services: readonly string[];
}

/** One statement of a policy. */
export interface Statement {
  /** Its `Sid`, or `#2` for the second statement of its policy. */
  readonly id: string;
  readonly effect: "Allow" | "Deny";
  readonly actions: Selection;
  /** Trust policies have none. */
  readonly resources: Selection | undefined;
  /** Identity policies have none. */
  readonly principals: Principals | undefined;
  readonly conditions: readonly Condition[];
}

/** A policy, by the name under which messages and reports tell it. */
export interface Policy {
  readonly name: string;
  readonly statements: readonly Statement[];
}

const texts = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const value = z.union([z.string(), z.boolean(), z.number()]).transform(String);
const values = z.union([value.transform((one) => [one]), z.array(value)]);
const principal = z.union([
  z.literal("*").transform(() => ({ AWS: ["*"], Service: [], Federated: [] })),
  z.strictObject({ AWS: texts.default([]), Service: texts.default([]), Federated: texts.default([]) }),
]);
const statement = z
  .strictObject({
    Sid: z.string().optional(),
    Effect: z.enum(["Allow", "Deny"]),
    Principal: principal.optional(),
    Action: texts.optional(),
    NotAction: texts.optional(),
    Resource: texts.optional(),
    NotResource: texts.optional(),
    Condition: z.record(z.string(), z.record(z.string(), values)).default({}),
  })
  .refine(({ Action, NotAction }) => (Action === undefined) !== (NotAction === undefined), {
    message: "exactly one of Action and NotAction",
  });
const document = z.strictObject({
  Version: z.string().optional(),
  Id: z.string().optional(),
  Statement: z.preprocess((read): unknown => (Array.isArray(read) ? read : [read]), z.array(statement)),
});

/**
 * Reads a policy document.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 *
 * @throws AwsError `MalformedPolicyDocument`, also for `NotPrincipal`, which the local AWS does not know; nobody here is `Federated`
 */
export function parsePolicy(name: string, text: string): Policy {
  const result = document.safeParse(parsedJson(name, text));
  if (!result.success) {
    throw new AwsError("MalformedPolicyDocument", `policy ${name}: ${z.prettifyError(result.error)}`);
  }
  return { name, statements: result.data.Statement.map(normalised) };
}

function parsedJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AwsError("MalformedPolicyDocument", `policy ${name} is not JSON`);
  }
}

function normalised(read: z.infer<typeof statement>, index: number): Statement {
  const { Principal } = read;
  return {
    id: read.Sid ?? `#${index + 1}`,
    effect: read.Effect,
    actions: selection(read.Action, read.NotAction) ?? { patterns: [], negated: false },
    resources: selection(read.Resource, read.NotResource),
    principals: Principal && {
      anybody: Principal.AWS.includes("*"),
      aws: Principal.AWS,
      services: Principal.Service,
    },
    conditions: Object.entries(read.Condition).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, allowed]) => ({ operator, key, values: allowed })),
    ),
  };
}

function selection(named: string[] | undefined, notNamed: string[] | undefined): Selection | undefined {
  if (named !== undefined) {
    return { patterns: named, negated: false };
  }
  return notNamed && { patterns: notNamed, negated: true };
}
