// What the built `dist/providers.js` exports, for the imports in shim.ts: the same as ../providers.
declare module "sagemaker-safe-deploy/providers" {
  // eslint-disable-next-line @typescript-eslint/consistent-type-imports -- there is no other way to name a neighbour here
  const providers: typeof import("../providers");
  export = providers;
}
