import { testPython } from "pulumi-engine/testing/python";
import { startMoto, type Moto } from "../moto";

/** Those that run and that nobody uses. */
const idle: Moto[] = [];

// Of the whole run: no suite knows whether it is the last one that wants one.
after(() => Promise.all(idle.splice(0).map(async ({ service }) => service.close?.())));

/** A moto without any records. When it is closed it goes on running for the next suite: starting one takes a second of CPU. */
export async function emptyMoto(): Promise<Moto> {
  const moto = idle.pop() ?? (await startMoto(testPython()));
  const emptied = await fetch(`${moto.endpoint}/moto-api/reset`, { method: "POST" });
  if (!emptied.ok) {
    throw new Error(`moto could not be emptied: status ${emptied.status}`);
  }
  return {
    ...moto,
    service: {
      ...moto.service,
      async close() {
        idle.push(moto);
      },
    },
  };
}
