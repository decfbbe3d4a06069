import { reported } from "../../../lib/errors";

/** What is known about a resource whose work has failed. */
export interface Kept {
  /** Its properties, for the state. */
  readonly properties: object;
  /** Added to the error's message. */
  readonly note?: string;
}

/**
 * Works on something that exists by now. If the work fails, the error carries what the engine needs to keep the resource in its state
 * (`ErrorResourceInitFailed`), so that the next `pulumi up` calls `update` for it and `pulumi destroy` removes it.
 *
 * @param kept Called only if the work has failed.
 */
export async function keeping<T>(id: string, kept: () => Kept | Promise<Kept>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { properties, note } = await kept();
    const message = [reported(error).message, note].filter((part) => part !== undefined).join("\n");
    throw Object.assign(new Error(message, { cause: error }), { id, properties, reasons: [message] });
  }
}
