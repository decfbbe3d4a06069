/**
 * The rules for what a model is asked and answers. A program is checked by them before anything is created, and the functions read their
 * environment by them. The small variant of Zod is part of the functions' bundles.
 */
import * as z from "zod/mini";
import type { ModelRequest, SaneAnswer } from "./model-format";

const text = () => z.string().check(z.minLength(1, "must not be empty"));
const texts = () => z.readonly(z.array(text()));
const limit = () => z.optional(z.number());

/** Refuses limits between which there is nothing. */
const limits = z.check<{ minimum?: number | undefined; maximum?: number | undefined }>((context) => {
  const { minimum = -Infinity, maximum = Infinity } = context.value;
  if (minimum >= maximum) {
    const message = `minimum (${minimum}) must be below maximum (${maximum})`;
    context.issues.push({ code: "custom", input: context.value, path: [], message });
  }
});

const column = z
  .object({
    name: z.optional(text()),
    type: z.optional(z.enum(["number", "text"])),
    optional: z.optional(z.boolean()),
    minimum: limit(),
    maximum: limit(),
    values: z.optional(texts()),
  })
  .check(
    limits,
    z.refine(({ type, minimum, maximum }) => type !== "text" || (minimum === undefined && maximum === undefined), {
      error: "minimum and maximum are for numbers: a column of text has values",
    }),
    z.refine(({ type, values }) => type === "text" || values === undefined, {
      error: 'values are for texts: give type "text", or minimum and maximum',
    }),
  );

const columns = z.readonly(
  z.array(column).check(
    z.minLength(1, "must have at least one column"),
    z.refine((all) => all.every(({ name }) => (name === undefined) === (all[0]?.name === undefined)), {
      error: "must all have a name, or none",
    }),
    z.refine((all) => new Set(all.flatMap(({ name }) => name ?? [])).size === all.filter(({ name }) => name).length, {
      error: "must have names that differ",
    }),
  ),
);

const mediaType = () =>
  z.string().check(z.regex(/^(\*|[\w.+-]+\/[\w.+-]+)$/, "must be a media type such as image/jpeg, or * for any"));

/** A request with a content type is passed through; another one has rows. */
export const requestRules = z.object({
  columns: z.optional(columns),
  contentType: z.optional(mediaType()),
  accept: z.optional(mediaType()),
});

const numberAnswer = z.object({ type: z.literal("number"), minimum: limit(), maximum: limit() }).check(limits);
const vectorAnswer = z
  .object({
    type: z.literal("vector"),
    length: z.optional(z.int().check(z.positive())),
    minimum: limit(),
    maximum: limit(),
    sum: limit(),
  })
  .check(limits);
const labelAnswer = z.object({ type: z.literal("label"), labels: z.optional(texts()) });
const valueRules = z.discriminatedUnion("type", [numberAnswer, vectorAnswer, labelAnswer], {
  error: 'must be "number", "vector" or "label"',
});
const jsonAnswer = z
  .object({
    type: z.literal("json"),
    path: z.optional(z.string().check(z.regex(/^[^.\s]+(\.[^.\s]+)*$/, "must be names with dots between"))),
    value: z.optional(valueRules),
  })
  .check(
    z.refine(({ path, value }) => (path === undefined) === (value === undefined), {
      error: "path and value go together: give both, or neither",
    }),
  );

export const answerRules = z.discriminatedUnion("type", [numberAnswer, vectorAnswer, labelAnswer, jsonAnswer], {
  error: 'must be "number", "vector", "label" or "json"',
});

/** Both together, as a program gives them. */
export const formatRules = z.object({
  request: z.optional(requestRules),
  check: z.object({ accept: z.optional(answerRules), acceptKnown: z.optional(answerRules) }),
});

/** What is accepted where nothing is said: numbers in answer to rows, anything in answer to a body that was passed through. */
export function acceptedAnswer(request: ModelRequest, accept: SaneAnswer | undefined): SaneAnswer | undefined {
  return accept ?? ("contentType" in request ? undefined : { type: "number" });
}

/** Whether some answers of this kind are not sane. If none is, there is nothing to count. */
export function judgesAnswers(accept: SaneAnswer | undefined): boolean {
  return accept?.type === "json"
    ? accept.value !== undefined
    : Object.entries(accept ?? {}).some(([key, limit]) => key !== "type" && limit !== undefined);
}
