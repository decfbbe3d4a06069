import { once } from "node:events";
import { join } from "node:path";
import { packageRoot } from "../../lib/package-root";
import { wayBack } from "../release/way-back";
import type { Answer } from "../support/answer";
import type { Context } from "../support/context";
import { pageOf } from "./page-of";
import { servePage } from "./server";

export interface UiOptions {
  readonly port: number;
  readonly hours?: number;
}

/** Folder of the page's files, once they are built. */
export const pageFolder = () => join(packageRoot(), "dist/ui");

/** `safe-deploy ui`: serves the page until Ctrl-C. */
export async function ui(context: Context, { port, hours }: UiOptions): Promise<Answer> {
  const { aws, model, prefix, pipelineName, terminal } = context;
  const [bucket, region, account] = await Promise.all([context.bucket(), context.region(), context.accountId()]);
  const source = {
    ...{ aws, model, prefix, pipelineName, bucket, region, account },
    windowSeconds: hours === undefined ? undefined : hours * 3600,
    wayBack: () => wayBack(context, "prod", undefined),
  };
  const page = await servePage({ ...(await pageOf(source, process.env)), folder: pageFolder(), port });
  terminal.print(terminal.isQuiet ? JSON.stringify({ url: page.url }) : page.url);
  terminal.tell(
    "Open this address in a browser. Whoever has it can do there what these credentials may do. Ctrl-C ends it.",
  );
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  await page.close();
  return { json: undefined, lines: [] };
}
