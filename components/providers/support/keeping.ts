import { explained } from "../../../lib/errors";

/** What is known of a resource that could not be brought to a good end. */
export interface Kept {
  /** What the state is to say of it. */
  readonly properties: object;
  /** Added to the error's message. */
  readonly note?: string;
}

/**
 * Does work on something that exists by now. Where the work fails, the error carries what the engine needs to keep the resource
 * in its state (`ErrorResourceInitFailed`), so that the next `pulumi up` calls `update` for it and `pulumi destroy` removes it.
 *
 * @param kept Asked for only when the work has failed.
 */
export async function keeping<T>(id: string, kept: () => Kept | Promise<Kept>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { properties, note } = await kept();
    const message = [explained(error).message, note].filter((part) => part !== undefined).join("\n");
    throw Object.assign(new Error(message, { cause: error }), { id, properties, reasons: [message] });
  }
}
