// What the built `dist/providers.js` exports, for the imports in shim.ts: it is the same as index.ts.
declare module "sagemaker-safe-deploy/providers" {
  // eslint-disable-next-line @typescript-eslint/consistent-type-imports -- there is no other way to name a neighbour here
  const providers: typeof import("./index");
  export = providers;
}
