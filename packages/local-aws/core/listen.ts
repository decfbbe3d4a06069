import type { Server } from "node:http";

/** Opens a server's port on 127.0.0.1; 0 means any that is free. Returns its URL. */
export async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error(`the local AWS could not listen on port ${port}`);
  }
  return `http://127.0.0.1:${address.port}`;
}
