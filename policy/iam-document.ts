import { z } from "zod";

/** What one statement of an IAM policy allows. */
export interface Allowed {
  /** Its place in the document, from 1, for messages. */
  readonly place: number;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Who is allowed, in a policy of a resource: ARNs, services, or `*`. */
  readonly principals: readonly string[];
  /** Keys of its conditions, in lower case, such as `iam:passedtoservice`. */
  readonly conditionKeys: readonly string[];
}

const TEXTS = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const STATEMENT = z.object({
  Effect: z.string(),
  Action: TEXTS.optional(),
  NotAction: TEXTS.optional(),
  Resource: TEXTS.optional(),
  NotResource: TEXTS.optional(),
  Principal: z.union([z.string().transform((one) => ({ AWS: [one] })), z.record(z.string(), TEXTS)]).optional(),
  NotPrincipal: z.unknown().optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});
const DOCUMENT = z.object({
  Statement: z.union([STATEMENT.transform((one) => [one]), z.array(STATEMENT)]),
});

/**
 * The statements of a policy document that allow something. What `NotAction`, `NotResource` and `NotPrincipal` leave open is too much to
 * name, and counts as everything.
 *
 * @param document JSON, or the object that it stands for
 * @throws if it is no policy document
 */
export function allowedBy(document: unknown): Allowed[] {
  const { success, data, error } = DOCUMENT.safeParse(typeof document === "string" ? JSON.parse(document) : document);
  if (!success) {
    throw new Error(`this is no policy document: ${z.prettifyError(error)}`);
  }
  return data.Statement.map((statement, index) => ({ statement, place: index + 1 }))
    .filter(({ statement }) => statement.Effect === "Allow")
    .map(({ statement, place }) => ({
      place,
      actions: statement.NotAction === undefined ? (statement.Action ?? []) : ["*"],
      resources: statement.NotResource === undefined ? (statement.Resource ?? []) : ["*"],
      principals: statement.NotPrincipal === undefined ? Object.values(statement.Principal ?? {}).flat() : ["*"],
      conditionKeys: Object.values(statement.Condition).flatMap((keys) =>
        Object.keys(keys).map((key) => key.toLowerCase()),
      ),
    }));
}
