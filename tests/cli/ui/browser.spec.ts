import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import type { Page } from "playwright-core";
import { pageOf } from "../../../cli/ui/page-of";
import { servePage, type ServedPage } from "../../../cli/ui/server";
import { pageFolder } from "../../../cli/ui/ui";
import { writeReport } from "../../../local/journey/report";
import { Browser, SCHEMES, SCREENS } from "./browser";
import { Stage } from "./stage";

describe("the operator's page in a browser", function () {
  this.timeout(60_000);
  let browser: Browser;
  let stage: Stage;
  let served: ServedPage;
  const closes: (() => Promise<void>)[] = [];

  before(async function () {
    const found = await Browser.open();
    if (found === undefined) {
      return this.skip();
    }
    browser = found;
    closes.push(() => browser.close());
    stage = await Stage.open();
    closes.push(
      () => stage.close(),
      () => served.close(),
    );
    served = await servePage({ ...(await pageOf(stage.source, {})), folder: pageFolder() });
    await Promise.all([stage.answered("r1", 90, 0), stage.answered("r2", 10, 3), stage.asks()]);
  });
  after(async () => {
    for (const close of closes.reverse()) {
      await close();
    }
  });

  /** Waits until a part of the page says something. */
  const says = (page: Page, id: string, text: string | RegExp) =>
    page.locator(`#${id}`).filter({ hasText: text }).first().waitFor();

  for (const screen of Object.keys(SCREENS) as (keyof typeof SCREENS)[]) {
    for (const scheme of SCHEMES) {
      it(`can be used by everybody: ${screen}, ${scheme}`, async () => {
        const page = await browser.page(served.url, screen, scheme);
        await says(page, "approval", "waits for approval");
        await page.locator("#dashboard canvas").first().waitFor();
        expect(await violationsOn(page)).to.deep.equal([]);
        const [content, window] = await page.evaluate<number[]>("[document.documentElement.scrollWidth, innerWidth]");
        expect(content).to.equal(window);
        await page.getByRole("button", { name: "Approve …" }).click();
        expect(await violationsOn(page)).to.deep.equal([]);
        await page.close();
      });
    }
  }

  it("keeps the token out of sight, and still knows who it is", async () => {
    const page = await browser.page(served.url);
    await says(page, "approval", "waits for approval");
    expect(page.url()).to.not.contain("token");
    await page.reload();
    await says(page, "approval", "waits for approval");
    await page.close();
  });

  it("shows a rollout, and stops it when it is told to", async () => {
    const page = await browser.page(served.url);
    await stage.rollOut();
    await says(page, "shares", /90 %.*r1.*10 %.*r2/s);
    await says(page, "rollout", /InProgress.*blue.*green/s);
    await page.getByRole("button", { name: "Roll back …" }).click();
    await says(page, "ask", "sends all traffic back to the release before, which is still in service");
    await page.getByRole("button", { name: "Roll back", exact: true }).click();
    await says(page, "told", "All traffic goes back");
    await says(page, "shares", /100 %.*r1/s);
    await says(page, "rollout", "Stopped");
    await says(page, "history", /Rollback d-\S+ has begun/);
    await page.close();
  });

  it("says what cannot be done, in its dialog too, and stays as it is", async () => {
    const page = await browser.page(served.url);
    await page.getByRole("button", { name: "Roll back …" }).click();
    await says(page, "told", "no rollout is under way");
    await page.getByRole("button", { name: "Retrain …" }).click();
    await page.getByRole("textbox").fill("to see");
    await page.getByRole("button", { name: "Ask for it" }).click();
    await says(page, "ask", /mlops-taxi-pipeline-retrain/);
    await page.keyboard.press("Escape");
    expect(await page.locator("#ask").isVisible()).to.equal(false);
    await page.close();
  });

  it("injects a fault into the local AWS, and says that it is there", async () => {
    const page = await browser.page(served.url);
    stage.aws.faults.set({ kind: "model-errors", endpoint: "e1" });
    await says(page, "connection", "Faults are injected: model-errors (e1)");
    await page.getByRole("button", { name: "End faults …" }).click();
    await page.getByRole("button", { name: "End them" }).click();
    await says(page, "connection", "Live");
    expect(stage.aws.faults.list()).to.deep.equal([]);
    await page.close();
  });

  it("approves a release by keyboard alone, once there is a comment", async () => {
    const page = await browser.page(served.url);
    await says(page, "approval", "one to replace");
    const focused = () => page.evaluate<string>("document.activeElement.textContent");
    for (let tabs = 0; (await focused()) !== "Approve …" && tabs < 20; tabs++) {
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    await says(page, "ask", "one to replace");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.locator("#ask").isVisible()).to.equal(true);
    await page.keyboard.type("tried on dev");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await says(page, "told", "Approved");
    await page.locator("#approval").waitFor({ state: "hidden" });
    await says(page, "history", "Succeeded");
    await page.close();
  });

  it("says that the connection is lost", async () => {
    const page = await browser.page(served.url);
    await says(page, "connection", "Live");
    await served.close();
    await says(page, "connection", "The connection is lost");
    await page.close();
    served = await servePage({ ...(await pageOf(stage.source, {})), folder: pageFolder() });
  });

  it("is the same where it is frozen into a file, without what needs a server", async () => {
    const folder = await mkdtemp(join(tmpdir(), "report-"));
    try {
      const file = join(folder, "report.html");
      await writeReport(await pageOf(stage.source, {}), pageFolder(), file);
      const page = await browser.page(pathToFileURL(file).href);
      await says(page, "connection", "Frozen at");
      await says(page, "history", "Alarm mlops-taxi-drift fires");
      await page.locator("#dashboard canvas").first().waitFor();
      expect(await page.getByRole("button").count()).to.equal(0);
      expect(await violationsOn(page)).to.deep.equal([]);
      await page.close();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("complains of nothing in the console, and calls nobody else", () => {
    const expected = /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|40\d \(Bad Request\)|502 \(Bad Gateway\)/;
    expect(browser.complaints.filter((line) => !expected.test(line))).to.deep.equal([]);
    expect(browser.elsewhere).to.deep.equal([]);
  });
});

/** What of WCAG A and AA the page does not keep, as axe sees it. */
async function violationsOn(page: Page): Promise<readonly string[]> {
  await page.evaluate(await readFile(require.resolve("axe-core/axe.min.js"), "utf8"));
  return page.evaluate<string[]>(
    `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ": " + target + ": " + failureSummary)))`,
  );
}
