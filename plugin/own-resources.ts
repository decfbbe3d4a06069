import type * as pulumi from "@pulumi/pulumi";
import type * as entry from "../components/providers/entry";
import { markedLike, withoutMarks, type Properties } from "./secrets";

type Served = Required<Pick<pulumi.provider.Provider, "check" | "diff" | "create" | "read" | "update" | "delete">>;

/**
 * The project's own resources as the engine asks a plugin for them. What they do is what the dynamic resources do: here only marks of secrets
 * are taken off the inputs and put on the outputs, which the engine does by itself for dynamic resources.
 */
export function ownResources(load: () => typeof entry): Served {
  const of = (urn: string): entry.Provider => {
    // urn:pulumi:<stack>::<project>::<types of its parents>$<its type>::<name>
    const type = urn.split("::")[2]?.split(":").at(-1) ?? "";
    const found = Object.entries(load()).find(([name]) => name.toLowerCase() === type.toLowerCase());
    if (found === undefined) {
      throw new Error(`this plugin has no resource ${type}`);
    }
    return found[1];
  };
  return {
    async check(urn, olds: Properties, news: Properties) {
      const checked = await of(urn).check(withoutMarks(olds), withoutMarks(news));
      return { inputs: markedLike(news, checked.inputs), failures: checked.failures };
    },
    diff: (id, urn, olds: Properties, news: Properties) => of(urn).diff(id, withoutMarks(olds), withoutMarks(news)),
    async create(urn, inputs: Properties) {
      const created = await of(urn).create(withoutMarks(inputs)).catch(rethrowMarkedLike(inputs));
      return { id: created.id, outs: markedLike(inputs, created.outs) };
    },
    async read(id, urn, props: Properties) {
      const found = await of(urn).read(id, withoutMarks(props));
      return { id: found.id, props: markedLike(props, found.props) };
    },
    async update(id, urn, olds: Properties, news: Properties) {
      const updated = await of(urn).update(id, withoutMarks(olds), withoutMarks(news)).catch(rethrowMarkedLike(news));
      return { outs: markedLike(news, updated.outs) };
    },
    delete: (id, urn, props: Properties) => of(urn).delete(id, withoutMarks(props)),
  };
}

/** A failed resource is kept in the state, too, with what its error says that it has. */
function rethrowMarkedLike(inputs: Properties) {
  return (error: unknown): never => {
    if (error instanceof Error && "properties" in error) {
      throw Object.assign(error, { properties: markedLike(inputs, error.properties) });
    }
    throw error;
  };
}
