/* eslint-disable @typescript-eslint/no-unsafe-argument -- the engine hands over what the program gave and the state holds, whatever it is */
import type { dynamic } from "@pulumi/pulumi";
import type * as providers from "../providers";

/**
 * The provider of a dynamic resource, as far as Pulumi keeps it: the text of these methods goes into the stack's state and is run from
 * there, also by a later `refresh` or `destroy`. So it says nothing but where the behaviour is. Whatever changes there, the text
 * stays the same, and what runs is always today's.
 *
 * The package finds itself through `exports` in its own `package.json`, or through `node_modules` where another program uses it.
 */
export function shim(name: keyof typeof providers): Required<Omit<dynamic.ResourceProvider, "configure">> {
  // Written as `providers[name]`, because Pulumi's serialiser does not see a captured variable in `const { [name]: provider } = …`.
  return {
    async check(olds, news) {
      const providers = await import("sagemaker-safe-deploy/providers");
      return providers[name].check(olds, news);
    },
    async diff(id, olds, news) {
      const providers = await import("sagemaker-safe-deploy/providers");
      return providers[name].diff(id, olds, news);
    },
    async create(inputs) {
      const providers = await import("sagemaker-safe-deploy/providers");
      return providers[name].create(inputs);
    },
    async read(id, props) {
      const providers = await import("sagemaker-safe-deploy/providers");
      return providers[name].read(id, props);
    },
    async update(id, olds, news) {
      const providers = await import("sagemaker-safe-deploy/providers");
      return providers[name].update(id, olds, news);
    },
    async delete(id, props) {
      const providers = await import("sagemaker-safe-deploy/providers");
      return providers[name].delete(id, props);
    },
  };
}
