import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect } from "chai";
import { pageOf, type PageParts } from "../../../cli/ui/page-of";
import type { Part, PartName, Parts } from "../../../cli/ui/shown";
import { PIPELINE, Stage, TEXT } from "./stage";
import { clientEnvironment } from "local-aws/core/local";
import { rejection } from "local-aws/tests/core/support";
import { firesAt } from "../../../cli/ui/readers/dashboard";

describe("what the operator's page shows", function () {
  this.timeout(60_000);
  let stage: Stage;
  let page: PageParts;
  let execution: string;

  before(async () => {
    stage = await Stage.open();
    page = await pageOf(stage.source, {});
    await Promise.all([stage.answered("r1", 90, 0), stage.answered("r2", 10, 3)]);
    execution = await stage.asks();
    await stage.rollOut();
  });
  after(() => stage.close());

  const looked = async <K extends PartName>(name: K): Promise<Parts[K]> => {
    const part = (await page.look.once()).get(name) as Part<Parts[K]>;
    expect(part.problem).to.equal(undefined);
    return part.value!;
  };
  const until = async <T>(look: () => Promise<T>, isRight: (found: T) => boolean): Promise<T> => {
    for (;;) {
      const found = await look();
      if (isRight(found)) {
        return found;
      }
    }
  };

  it("says what it is about, and that time passes faster here", () => {
    expect(page.about).to.deep.equal({
      ...{ model: "taxi", pipelineName: PIPELINE, region: "us-east-1", account: "123456789012" },
      ...{ windowSeconds: 900, localSpeed: 60 },
    });
  });

  it("has the pipeline's stages, and the text of the approval that waits", async () => {
    const { stages, executions, approval } = await looked("pipeline");
    expect(stages.map(({ name, status }) => [name, status])).to.deep.equal([
      ["Source", "Succeeded"],
      ["Approve", "InProgress"],
    ]);
    expect(executions[0]).to.include({ id: execution, status: "InProgress" });
    expect(approval).to.deep.equal({ execution, text: TEXT });
  });

  it("has where the traffic goes, and what each side of a rollout has answered", async () => {
    const { shares, deployment, sides } = await until(
      () => looked("rollout"),
      ({ shares: all }) => all.length > 1,
    );
    expect(shares).to.deep.equal([
      { version: "1", release: "r1", share: 0.9 },
      { version: "2", release: "r2", share: 0.1 },
    ]);
    expect(deployment).to.include({ isUnderWay: true, isRollback: false, release: "r2" });
    expect(sides.map(({ side, release, version }) => [side, release, version])).to.deep.equal([
      ["blue", "r1", "1"],
      ["green", "r2", "2"],
    ]);
  });

  it("has the requests of callers by release", async () => {
    const { series } = await until(
      () => looked("traffic"),
      ({ series: all }) => all.length > 1,
    );
    const total = Object.fromEntries(
      series.map(({ label, points }) => [label, points.reduce((sum, [, value]) => sum + value, 0)]),
    );
    expect(total).to.deep.equal({ r1: 90, r2: 10 });
  });

  it("says on which side of its threshold an alarm fires", () => {
    expect(firesAt(1, "GreaterThanThreshold")).to.equal("alarm above 1");
    expect(firesAt(90, "LessThanThreshold")).to.equal("alarm below 90");
  });

  it("has the widgets of the dashboard with their data, thresholds and alarms", async () => {
    const widgets = await looked("dashboard");
    expect(widgets.map(({ title, isStacked }) => [title, isStacked])).to.deep.equal([
      ["Traffic by release", true],
      ["Drift: alarm", false],
      ["Alarms", false],
    ]);
    expect(widgets[0]!.series.map(({ label }) => label)).to.have.members(["r1", "r2"]);
    expect(widgets[1]!.lines).to.deep.equal([{ value: 1, label: "alarm above 1" }]);
    expect(widgets[2]!.alarms).to.deep.equal(["mlops-taxi-drift"]);
  });

  it("has alarms with why they fire, decisions about retraining, and all of it in a time line", async () => {
    expect(await looked("alarms")).to.have.length(1);
    expect((await looked("alarms"))[0]).to.include({ state: "ALARM", reason: "trips are longer" });
    expect((await looked("retrain"))[0]).to.include({ isStarted: false, why: "there are no new data" });
    const texts = (await looked("history")).map(({ text }) => text);
    expect(texts).to.include("Alarm mlops-taxi-drift fires");
    expect(texts).to.include(`Release ${execution} has entered the pipeline`);
    expect(texts.join("\n")).to.match(/Rollout d-\S+ of release r2 has begun/);
  });

  it("has no endpoint and no drift where there is none", async () => {
    expect(await looked("endpoints")).to.deep.equal([]);
    expect(await looked("drift")).to.deep.equal({ features: [] });
  });

  it("injects a fault, shows it, and ends it", async () => {
    await page.orders.carryOut("fault", { kind: "model-slow", endpoint: "e1" });
    expect(await looked("faults")).to.deep.equal({ set: [{ kind: "model-slow", target: "e1, 2" }] });
    await page.orders.carryOut("end-faults", {});
    expect(await looked("faults")).to.deep.equal({ set: [] });
  });

  it("refuses what is no order, lacks something, or comes too late", async () => {
    const refused = async (name: string, given: unknown) =>
      (await rejection(page.orders.carryOut(name, given))).message;
    expect(await refused("destroy", {})).to.equal("there is no order destroy");
    expect(await refused("approve", { execution, comment: " " })).to.contain("a comment is needed");
    expect(await refused("approve", { execution: "other", comment: "x" })).to.contain("does not wait for approval");
    expect(await refused("rollback", { plan: "another way" })).to.contain("another one by now");
  });

  it("stops a rollout, after which there is none to stop", async () => {
    const plan = await page.orders.carryOut("plan-rollback", {});
    expect(plan).to.match(/^Release r2 is being rolled out: deployment d-\S+ is under way/);
    expect(await page.orders.carryOut("rollback", { plan })).to.contain("goes back to the release before");
    const { shares } = await until(
      () => looked("rollout"),
      ({ deployment, shares: all }) => deployment?.isUnderWay === false && all.length === 1,
    );
    expect(shares[0]).to.include({ release: "r1", share: 1 });
    expect((await rejection(page.orders.carryOut("plan-rollback", {}))).message).to.contain("no rollout is under way");
  });

  it("approves the release that waits", async () => {
    expect(await page.orders.carryOut("approve", { execution, comment: "tried" })).to.contain("Approved");
    await until(
      () => looked("pipeline"),
      ({ approval }) => approval === undefined,
    );
  });

  it("is served by the command until Ctrl-C, which tells its address to people and to programs", async () => {
    const program = join(__dirname, "../../../cli/main.ts");
    const env = { ...process.env, ...clientEnvironment(stage.aws) };
    const args = ["--import", "tsx", program, "ui", "--json", "--model", "taxi"];
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "exit");
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const { url } = JSON.parse(line.toString()) as { url: string };
    expect(url).to.match(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{32}$/);
    expect(await (await fetch(url)).text()).to.contain("<title>safe-deploy</title>");
    child.kill("SIGINT");
    expect(await ended).to.deep.equal([0, null]);
  });
});
