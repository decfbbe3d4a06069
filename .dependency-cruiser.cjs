// Which folder may import which: the table in CONTRIBUTING.md. `npm run check` checks it, imports of types included.

/** A folder imports itself, these folders, and packages from npm. */
const only = (folder, ...allowed) => ({
  name: `${folder.replace(/\/$/, "")} imports ${allowed.length === 0 ? "nothing of ours" : `only ${allowed.join(", ")}`}`,
  severity: "error",
  from: { path: `^${folder}` },
  to: { path: OURS, pathNot: [folder, ...allowed].map((each) => `^${each}`) },
});

const PRODUCT = ["stacks/", "components/", "handlers/", "model/", "lib/", "pipeline/", "cli/", "plugin/", "policy/"];
const OURS = `^(index\\.ts|${[...PRODUCT, "local/", "packages/", "tools/", "tests/", "bench/"].join("|")})`;

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    { name: "no circle", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no import of what is not there",
      severity: "error",
      from: {},
      // The package finds itself by its name, once it is built.
      to: { couldNotResolve: true, pathNot: "^sagemaker-safe-deploy" },
    },
    only("lib/"),
    only("handlers/", "lib/"),
    // Its tests also use what runs Python programs in tests.
    only("model/", "lib/", "tests/model/", "packages/"),
    only("components/", "lib/"),
    only("stacks/", "components/", "lib/"),
    only("pipeline/", "lib/"),
    only("cli/", "lib/", "handlers/"),
    only("plugin/", "components/"),
    only("policy/"),
    only("tools/", "packages/"),
    only("packages/pulumi-engine/"),
    only("packages/local-aws/", "packages/pulumi-engine/"),
    // Its tests also use the local AWS; it does not.
    only("packages/pulumi-local-aws/", "packages/pulumi-engine/", "packages/local-aws/"),
    {
      name: "a service of the local AWS imports only core",
      severity: "error",
      from: { path: "^packages/local-aws/services/([^/]+)/" },
      to: { path: "^packages/local-aws/", pathNot: ["^packages/local-aws/core/", "^packages/local-aws/services/$1/"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(dist|out|\\.types|\\.local)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["require", "node", "default"] },
  },
};
