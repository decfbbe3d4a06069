import * as pulumi from "@pulumi/pulumi";

/** Version of the package where this code is built into its plugin, `tools/build.ts` says; elsewhere not there at all. */
declare const PLUGIN_VERSION: string | undefined;

/**
 * A resource that the package's own plugin serves, with the same behaviour. A component that a program in another language makes runs in
 * the plugin, where there are no dynamic resources: https://github.com/pulumi/pulumi/issues/5455.
 */
class ServedResource extends pulumi.CustomResource {
  constructor(
    _provider: pulumi.dynamic.ResourceProvider,
    name: string,
    props: pulumi.Inputs,
    opts?: pulumi.CustomResourceOptions,
    module = "",
    type = "",
  ) {
    super(`${module}:index:${type}`, name, props, { version: PLUGIN_VERSION, ...opts });
  }
}

/** What the project's own resources extend: dynamic in a program in TypeScript or JavaScript, served by the plugin in the plugin. */
export const OwnResource: typeof pulumi.dynamic.Resource =
  typeof PLUGIN_VERSION === "undefined" ? pulumi.dynamic.Resource : ServedResource;
