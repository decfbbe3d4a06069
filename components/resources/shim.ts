/* eslint-disable @typescript-eslint/no-unsafe-argument -- the engine hands over what the program gave and the state holds, whatever it is */
/* eslint-disable @typescript-eslint/unbound-method -- a module's `require` has functions, not methods */
import type * as entry from "../providers/entry";

/**
 * The provider of a dynamic resource, as far as Pulumi keeps it: the text of these methods goes into the stack's state and is run from
 * there, also by a later `refresh` or `destroy`. So it says nothing but where the behaviour is. Whatever changes there, the text
 * stays the same, and what runs is always today's.
 */
export function shim(name: keyof typeof entry): entry.Provider {
  // Written as `providers[name]`, because Pulumi's serialiser does not see a captured variable in `const { [name]: provider } = …`.
  return {
    async check(olds, news) {
      const providers = await loadProviders();
      return providers[name].check(olds, news);
    },
    async diff(id, olds, news) {
      const providers = await loadProviders();
      return providers[name].diff(id, olds, news);
    },
    async create(inputs) {
      const providers = await loadProviders();
      return providers[name].create(inputs);
    },
    async read(id, props) {
      const providers = await loadProviders();
      return providers[name].read(id, props);
    },
    async update(id, olds, news) {
      const providers = await loadProviders();
      return providers[name].update(id, olds, news);
    },
    async delete(id, props) {
      const providers = await loadProviders();
      return providers[name].delete(id, props);
    },
  };
}

/**
 * Loads the behaviour, seen from the folder that Pulumi runs providers in, which is the program's. Where the program cannot see the
 * package because something that it depends on brings it along, the nearest such is looked for. Like the methods, this goes into the
 * state: it names no path and needs nothing from outside.
 */
async function loadProviders(): Promise<typeof entry> {
  const { createRequire } = await import("node:module");
  const { join } = await import("node:path");
  // A set hands out also what is added to it on the way: first what the program depends on, then what that depends on.
  const folders = new Set([process.cwd()]);
  for (const folder of folders) {
    const requireThere = createRequire(join(folder, "package.json"));
    try {
      // eslint-disable-next-line @typescript-eslint/no-unsafe-return -- it is what ./entry.ts says
      return requireThere("sagemaker-safe-deploy/providers");
    } catch (error) {
      if (!(error instanceof Error && error.message.includes("module 'sagemaker-safe-deploy/providers'"))) {
        throw error;
      }
    }
    for (const dependency of await dependencies(folder, requireThere)) {
      folders.add(dependency);
    }
  }
  throw new Error(
    `sagemaker-safe-deploy is not installed for ${process.cwd()}, nor with what its package.json names: run npm install there`,
  );
}

/** The folders of what a package depends on, as far as it is installed; of a folder that is no package, the one around it. */
async function dependencies(folder: string, { resolve }: NodeJS.Require): Promise<string[]> {
  const { existsSync, readFileSync, realpathSync } = await import("node:fs");
  const { dirname, join } = await import("node:path");
  const manifest = join(folder, "package.json");
  if (!existsSync(manifest)) {
    return [dirname(folder)];
  }
  const parsed: unknown = JSON.parse(readFileSync(manifest, "utf8"));
  const names = Object.entries(Object(parsed)).flatMap(([key, value]) =>
    /dependencies$/i.test(key) ? Object.keys(Object(value)) : [],
  );
  const places = names.map((name) => (resolve.paths(name) ?? []).map((place) => join(place, name)));
  return places.flatMap((candidates) =>
    candidates
      .filter((place) => existsSync(place))
      .slice(0, 1)
      .map((place) => realpathSync(place)),
  );
}
