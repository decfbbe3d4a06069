import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build, type BuildOptions, type BuildResult, type Plugin } from "esbuild";
import { z } from "zod";
import { declarations, type Declaration } from "./declarations";
import { licensesOf } from "./licenses";
import { schemaOf } from "./schema/schema";

/** A file that was built. */
export interface Built {
  /** Path from the project's root, such as `dist/main.js`. */
  readonly path: string;
  readonly bytes: number;
}

const MANIFEST = z.object({ version: z.string() });

/** The Lambda handlers, each a file of this name in `handlers/`. */
const HANDLERS = ["predict", "pre-traffic", "post-traffic", "retrain", "start-drift", "start-quality", "canary"];

/** Gives `@pulumi/awsx` the two parts of `@pulumi/aws` that it uses. All of them take longer to load than the program itself. */
const PART_OF_AWS: Plugin = {
  name: "part-of-aws",
  setup(building) {
    building.onResolve({ filter: /^@pulumi\/aws$/ }, ({ path, importer }) =>
      /[\\/]@pulumi[\\/]awsx[\\/]/.test(importer) ? { path, namespace: "part-of-aws" } : undefined,
    );
    building.onLoad({ filter: /.*/, namespace: "part-of-aws" }, () => ({
      contents: ["cloudwatch", "config"].map((part) => `exports.${part} = require("@pulumi/aws/${part}");`).join("\n"),
    }));
  },
};

const COMMON = {
  platform: "node",
  format: "cjs",
  target: "node20",
  bundle: true,
  write: false,
  metafile: true,
  logLevel: "warning",
} as const;

/** What runs with Pulumi's packages at hand. What else it needs is in its file, since one file loads faster than some hundred. */
const PROGRAM: BuildOptions = {
  ...COMMON,
  outdir: "dist",
  mainFields: ["module", "main"],
  // For stack traces that tell our own lines.
  sourcemap: "linked",
  sourcesContent: false,
};

/** The Pulumi program, which loads the AWS SDK only where it asks AWS itself, and the programs of the pipeline's builds. */
const PROGRAMS: readonly BuildOptions[] = [
  {
    ...PROGRAM,
    entryPoints: { main: "index.ts" },
    external: ["@pulumi/pulumi", "@pulumi/aws", "@aws-sdk/*", "sagemaker-safe-deploy/*"],
    plugins: [PART_OF_AWS],
  },
  {
    ...PROGRAM,
    entryPoints: { "pipeline/build": "pipeline/build.ts", "pipeline/deploy": "pipeline/deploy.ts" },
    external: ["@pulumi/pulumi", "@pulumi/aws"],
  },
];

/**
 * What another program imports, and the policy pack. Pulumi and its AWS provider are its own, Zod is a dependency, and the package finds the
 * rest of itself by name.
 */
const COMPONENTS: BuildOptions = {
  ...COMMON,
  entryPoints: { index: "components/index.ts", policy: "policy/index.ts" },
  outdir: "dist",
  external: ["@pulumi/pulumi", "@pulumi/aws", "@pulumi/policy", "sagemaker-safe-deploy/*", "zod"],
  plugins: [PART_OF_AWS],
};

/** The plugin for programs in other languages. The version tells the components that they run in it. */
const plugin = (version: string): BuildOptions => ({
  ...COMPONENTS,
  entryPoints: { plugin: "plugin/main.ts" },
  define: { PLUGIN_VERSION: JSON.stringify(version) },
});

/**
 * What Pulumi's process for dynamic providers loads, with the AWS SDK in it: 1.5 MB that load in 0.2 s, where its packages take 30 MB in
 * whoever's `node_modules` and load in 0.5 s.
 */
const PROVIDERS: BuildOptions = {
  ...COMMON,
  entryPoints: { providers: "components/providers/index.ts" },
  outdir: "dist",
  mainFields: ["module", "main"],
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
};

/** The operator's command, with the AWS SDK in it: whoever installs the package has it by one file. */
const COMMAND: BuildOptions = {
  ...PROVIDERS,
  entryPoints: { cli: "cli/main.ts" },
  external: ["sagemaker-safe-deploy/*"],
};

/** What the operator's page draws its charts with, as one module for the browser. The page's own files are served as they are. */
const CHARTS: BuildOptions = {
  ...COMMON,
  entryPoints: { "ui/echarts": "cli/ui/page/echarts.js" },
  outdir: "dist",
  platform: "browser",
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
};

/**
 * What runs in Lambda, with all it needs in one file. Minified, no trace is left of where it was built: the same source gives the same
 * bytes in any folder, and so an unchanged handler is no change of the function.
 */
const FUNCTIONS: BuildOptions = {
  ...COMMON,
  entryPoints: Object.fromEntries(HANDLERS.map((name) => [`${name}/index`, `handlers/${name}.ts`])),
  outdir: "dist/handlers",
  minify: true,
  // The AWS SDK's ES modules, of which only what is used is taken: half the size and cold start of its CommonJS.
  mainFields: ["module", "main"],
  legalComments: "none",
};

interface Contents {
  readonly path: string;
  readonly contents: Uint8Array;
}

/**
 * Builds what deploys this project into `dist/`: the Pulumi program, the programs of the pipeline's builds, the dynamic providers and the
 * Lambda handlers. A file is replaced as a whole, and only if it has changed, so that a build does not disturb a run that is going on.
 */
export async function buildPrograms(root: string): Promise<Built[]> {
  return put(root, filesOf(await bundle(root, [...PROGRAMS, PROVIDERS, FUNCTIONS])));
}

/** Builds the operator's page: its own files, which a browser takes as they are, and what draws its charts. */
export async function buildPage(root: string): Promise<Built[]> {
  const [files, charts] = await Promise.all([pageFiles(root), bundle(root, [CHARTS])]);
  return put(root, [...files, ...filesOf(charts)]);
}

/**
 * Builds everything: {@link buildPrograms}, and the package, which has the components with their types, and the plugin with its schema, in
 * addition. These are read by the compiler, which takes some seconds.
 */
export async function buildProject(root: string): Promise<Built[]> {
  const types = join(root, "dist/types");
  const { version } = MANIFEST.parse(JSON.parse(await readFile(join(root, "package.json"), "utf8")));
  const [declared, page, packaged, programs] = await Promise.all([
    declarations(root, ["components/index.ts", "components/providers/entry.ts"], types),
    pageFiles(root),
    bundle(root, [COMPONENTS, plugin(version), PROVIDERS, COMMAND, CHARTS, FUNCTIONS]),
    bundle(root, PROGRAMS),
  ]);
  const metafiles = packaged.flatMap(({ metafile }) => metafile ?? []);
  const licenses = {
    path: join(root, "dist/third-party-licenses.txt"),
    contents: Buffer.from(await licensesOf(root, metafiles)),
  };
  const schema = {
    path: join(root, "dist/schema.json"),
    contents: Buffer.from(`${JSON.stringify(schemaOf(root, version), undefined, 2)}\n`),
  };
  await removeOthers(types, declared);
  return put(root, [...declared, ...page, licenses, schema, ...filesOf([...packaged, ...programs])]);
}

function bundle(root: string, all: readonly BuildOptions[]): Promise<readonly BuildResult[]> {
  return Promise.all(all.map((options) => build({ ...options, absWorkingDir: root })));
}

function filesOf(results: readonly BuildResult[]): readonly Contents[] {
  return results.flatMap(({ outputFiles = [] }) => outputFiles);
}

/** The files of the operator's page that a browser takes as they are. */
async function pageFiles(root: string): Promise<readonly Contents[]> {
  const folder = join(root, "cli/ui/page");
  const names = (await readdir(folder)).filter((name) => /\.(html|css|svg|js)$/.test(name) && name !== "echarts.js");
  return Promise.all(
    names.map(async (name) => ({ path: join(root, "dist/ui", name), contents: await readFile(join(folder, name)) })),
  );
}

function put(root: string, files: readonly Contents[]): Promise<Built[]> {
  return Promise.all(
    files.map(async ({ path, contents }) => {
      await replace(path, contents);
      return { path: relative(root, path), bytes: contents.length };
    }),
  );
}

/** Removes the declarations of an earlier build that are no longer among them: they would still be published. */
async function removeOthers(folder: string, declared: readonly Declaration[]): Promise<void> {
  const current = new Set(declared.map(({ path }) => path));
  const present = existsSync(folder) ? await readdir(folder, { recursive: true }) : [];
  const others = present
    .map((entry) => join(folder, entry))
    .filter((path) => path.endsWith(".ts") && !current.has(path));
  await Promise.all(others.map((path) => rm(path)));
}

async function replace(path: string, contents: Uint8Array): Promise<void> {
  const present = await readFile(path).catch(() => undefined);
  if (present?.equals(contents) === true) {
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  const beside = `${path}.${randomUUID()}`;
  await writeFile(beside, contents);
  await rename(beside, path);
}

const HELP = `Usage: npm run build [-- --programs]

Builds the Pulumi program, the programs of the pipeline's builds and the package (components, types, dynamic providers, Lambda handlers)
into dist/.

Options:
  --programs   only what deploys this project, without what only the package has
  --help       print this`;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { programs: { type: "boolean" }, help: { type: "boolean" } } });
  if (values.help === true) {
    console.log(HELP);
    return;
  }
  const root = resolve(join(__dirname, ".."));
  const built = await (values.programs === true ? buildPrograms(root) : buildProject(root));
  for (const { path, bytes } of built.filter(({ path }) => path.endsWith(".js"))) {
    console.log(`${path.padEnd(36)}${`${Math.ceil(bytes / 1000)} kB`.padStart(8)}`);
  }
}

if (require.main === module) {
  main().catch((error: unknown) => {
    // Esbuild has already shown what is wrong with the source.
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
