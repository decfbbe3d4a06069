import { createHash } from "node:crypto";

/** The SHA-256 digest of a stream, as 64 hexadecimal digits. */
export async function sha256Of(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of stream) {
    hash.update(chunk);
  }
  return hash.digest("hex");
}
