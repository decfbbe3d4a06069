/** How a person, a service manager and a terminal that is closed end a program. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The terminal sends Ctrl-C to npm and to the program, and npm hands it on once more. Both come at once, and are one. */
const SAME_MS = 300;

/** How often a program of npm looks whether npm's shell is still there. */
const PARENT_MS = 500;

/**
 * Calls `end` once when the program is to end: by a signal, as nobody reads any more what it prints, or as the shell has ended in which npm
 * runs it (a SIGTERM to npm ends that shell, which does not hand it on). A second signal ends the process at once, with exit status 130;
 * what must not stay then is tidied up when the process exits.
 */
export function onInterruption(end: () => void): void {
  let since: number | undefined;
  const begin = () => {
    if (since === undefined) {
      since = performance.now();
      end();
    }
  };
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (since === undefined) {
        begin();
      } else if (performance.now() - since > SAME_MS) {
        process.exit(130);
      }
    });
  }
  for (const output of [process.stdout, process.stderr]) {
    output.on("error", begin);
  }
  if (process.env.npm_lifecycle_event !== undefined) {
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && begin(), PARENT_MS).unref();
  }
}
