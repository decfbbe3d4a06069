/** `npm run docs:pictures`: pictures of the operator's page after the last `npm run local`, for the docs. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Browser, type SCHEMES, type SCREENS } from "./browser";

const ROOT = resolve(__dirname, "../../..");
const REPORT = join(ROOT, ".local/report.html");
const FOLDER = join(ROOT, "docs/pictures");

interface Picture {
  readonly name: string;
  readonly screen: keyof typeof SCREENS;
  readonly scheme: (typeof SCHEMES)[number];
}

const PICTURES: readonly Picture[] = [
  { name: "page", screen: "desktop", scheme: "light" },
  { name: "page-phone", screen: "phone", scheme: "dark" },
];

async function main(): Promise<void> {
  if (!existsSync(REPORT)) {
    throw new Error(`${REPORT} is not there: npm run local makes it`);
  }
  const browser = await Browser.open();
  if (browser === undefined) {
    process.exitCode = 1;
    return;
  }
  try {
    await mkdir(FOLDER, { recursive: true });
    for (const { name, screen, scheme } of PICTURES) {
      const page = await browser.page(pathToFileURL(REPORT).href, screen, scheme);
      await page.waitForTimeout(500); // Charts are drawn in the next frames.
      const path = join(FOLDER, `${name}.png`);
      await page.screenshot({ path });
      console.log(path);
      await page.close();
    }
  } finally {
    await browser.close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
