import type { Server } from "node:http";

/**
 * Opens a server's port on 127.0.0.1; 0 means any that is free. Returns its URL.
 *
 * @throws where the port is taken or not allowed
 */
export async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(refused(port, error)));
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error(`the local AWS could not listen on port ${port}`);
  }
  return `http://127.0.0.1:${address.port}`;
}

function refused(port: number, error: NodeJS.ErrnoException): Error {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port} is taken by another process: end it, or choose another port`,
    EACCES: `port ${port} needs rights that this process has not: choose one above 1023`,
  };
  return new Error(reasons[error.code ?? ""] ?? `the local AWS could not listen on port ${port}: ${error.message}`, {
    cause: error,
  });
}
