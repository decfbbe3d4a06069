import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { CHROMIUM, CHROMIUM_FLAGS, findChromium } from "local-aws/tests/browser/chromium";

/** How wide the screens are that the page is looked at on. */
export const SCREENS = { desktop: { width: 1280, height: 900 }, phone: { width: 375, height: 812 } } as const;
export const SCHEMES = ["light", "dark"] as const;

/** A browser, and what of its pages is no good. */
export class Browser {
  /** What pages have complained of in the console. */
  readonly complaints: string[] = [];
  /** Requests that have left this machine. */
  readonly elsewhere: string[] = [];

  private constructor(
    private readonly context: BrowserContext,
    private readonly profile: string,
  ) {}

  /** `undefined` if this machine has none, which is told. */
  static async open(): Promise<Browser | undefined> {
    const executablePath = findChromium();
    if (executablePath === undefined) {
      console.log(`    skipped, since there is no Chromium: ${CHROMIUM}`);
      return undefined;
    }
    const profile = await mkdtemp(join(tmpdir(), "chromium-"));
    const context = await chromium.launchPersistentContext(profile, { executablePath, args: CHROMIUM_FLAGS });
    const browser = new Browser(context, profile);
    context.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) {
        browser.complaints.push(message.text());
      }
    });
    context.on("weberror", (error) => browser.complaints.push(error.error().message));
    context.on("request", (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (protocol !== "file:" && hostname !== "127.0.0.1") {
        browser.elsewhere.push(request.url());
      }
    });
    return browser;
  }

  async page(
    url: string,
    screen: keyof typeof SCREENS = "desktop",
    colorScheme: (typeof SCHEMES)[number] = "light",
  ): Promise<Page> {
    const page = await this.context.newPage();
    await page.setViewportSize(SCREENS[screen]);
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.goto(url);
    return page;
  }

  async close(): Promise<void> {
    await this.context.close();
    await rm(this.profile, { recursive: true, force: true });
  }
}
