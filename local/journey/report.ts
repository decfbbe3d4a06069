import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { pageOf, type PageParts } from "../../cli/ui/page-of";
import { modelPrefix } from "../../lib/release";
import { clientConfig } from "local-aws/core/local";
import type { LocalAws } from "local-aws";
import type { Model } from "../../lib/model";

/** The operator's page of a run. @param windowSeconds how long the time is that its charts show */
export function pageOfRun(
  aws: LocalAws,
  { name: model }: Pick<Model, "name">,
  windowSeconds: number,
): Promise<PageParts> {
  const { region, accountId: account } = aws.account;
  const prefix = modelPrefix(model);
  const of = { model, prefix, pipelineName: `${prefix}-pipeline`, bucket: `sagemaker-${region}-${account}` };
  return pageOf({ ...of, aws: clientConfig(aws), region, account, windowSeconds }, {});
}

/**
 * Writes the operator's page as it is now into one file, which needs no server: its data, styles and scripts are in it, and a browser may
 * run and load nothing else.
 *
 * @param folder of the page's files
 */
export async function writeReport({ about, look }: PageParts, folder: string, file: string): Promise<void> {
  const frozenAt = new Date().toISOString();
  const parts = Object.fromEntries(await look.once());
  await writeFile(file, await frozenPage({ about, parts, frozenAt }, folder));
}

/** @param shown what the page is to show */
async function frozenPage(shown: object, folder: string): Promise<string> {
  const [html, style, script] = await Promise.all([
    readFile(join(folder, "index.html"), "utf8"),
    readFile(join(folder, "page.css"), "utf8"),
    bundled(folder),
  ]);
  const policy = `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; base-uri 'none'; form-action 'none'`;
  // Nothing in the data can end the script that it is in.
  const data = JSON.stringify(shown).replaceAll("<", "\\u003c");
  const head = `<meta http-equiv="content-security-policy" content="${policy}" />\n    <style>${style}</style>`;
  const end = `<script type="application/json" id="frozen">${data}</script>\n    <script type="module">${script}</script>`;
  return html
    .replace(/ *<link rel="icon"[^>]*>\n/, "")
    .replace(/ *<script type="module"[^>]*><\/script>\n/, "")
    .replace(/<link rel="stylesheet"[^>]*>/, () => head)
    .replace("</body>", () => `  ${end}\n  </body>`);
}

/** The page's modules as one, since those of a file cannot be loaded from other files. */
async function bundled(folder: string): Promise<string> {
  const { outputFiles } = await build({
    ...{ entryPoints: [join(folder, "main.js")], bundle: true, write: false, minify: true },
    ...{ format: "esm", platform: "browser", target: "es2022", legalComments: "none", logLevel: "warning" },
  });
  return outputFiles[0]?.text ?? "";
}

const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
