import type { Rows } from "../../cli/data/program";
import type { AccountSetup } from "./account";
import { Job, releasesOf, summarized, type MainJobResult, type Release, type Stage, type Tried } from "./job";
import { driftWatch, stackConfig, WITHOUT_PROBES } from "./local-config";
import type { Stack } from "./project";
import type { BadWindow } from "./summary";

/** Trains, deploys, replaces and rolls back, as a user would with `pulumi up`, while a client sends requests. */
export async function directJob(stage: Stage, rows: Rows): Promise<MainJobResult> {
  const job = new Job(stage);
  try {
    return await new DirectJob(job, await job.prepare(rows)).play();
  } finally {
    await job.stopTraffic();
  }
}

class DirectJob {
  constructor(
    private readonly job: Job,
    private readonly account: AccountSetup,
  ) {}

  async play(): Promise<MainJobResult> {
    const { job } = this;
    const { model } = job.stage;
    const [first, second, third] = releasesOf(model);

    const triedFirst = await this.trainAndTry(first);
    await this.succeed("prod", first, "first release goes live");
    const apiUrl = await job.output("prod", "apiUrl");
    job.startTraffic(apiUrl);
    const releases = [summarized(model, first.name, triedFirst, "replaced")];

    const triedSecond = await this.trainAndTry(second);
    await this.succeed("prod", second, "10 %, wait, 100 %; then release 1 is removed");
    releases.push(summarized(model, second.name, triedSecond, "live"));

    const { shifted } = model.local;
    const drift = shifted === undefined ? undefined : await job.drift(shifted);

    const triedThird = await this.trainAndTry(third);
    const { bad, reason } = await this.fail(third);
    releases.push({ ...summarized(model, third.name, triedThird, "rolled-back"), reason });
    await this.succeed(
      "prod",
      second,
      "one more up with the release that is live; release 3 is removed",
      "back to release-2 prod",
    );
    await this.succeed("dev", second, "dev follows", "back to release-2 dev");
    return job.conclude(releases, bad, apiUrl, drift === undefined ? {} : { drift });
  }

  /** Train, quality gate, dev endpoint, test split. */
  private async trainAndTry(release: Release): Promise<Tried> {
    const began = performance.now();
    const { name } = release;
    await this.succeed("train", release, "training job and baseline job, quality gate");
    const trained = await this.job.trained(name);
    await this.succeed("dev", release, "endpoint in service");
    return { began, measures: { ...trained, ...(await this.job.tryDev(name, name)) } };
  }

  private async succeed(
    stack: Stack,
    release: Release,
    what: string,
    step = `${release.name} ${stack}`,
  ): Promise<void> {
    await this.job.stage.steps.run(step, async ({ update }) => {
      const result = await this.up(stack, release, update);
      if (!result.ok) {
        throw new Error(result.errors.join("\n"));
      }
      return what;
    });
  }

  /** The bad release: its update must fail and say why. */
  private async fail(release: Release): Promise<{ bad: BadWindow; reason: string }> {
    this.job.spoil(release.name);
    const from = Date.now();
    const reason = await this.job.stage.steps.run(`${release.name} prod`, async ({ update }) => {
      const result = await this.up("prod", release, update, WITHOUT_PROBES);
      if (result.ok) {
        throw new Error(`${release.name} went live although its container answers errors`);
      }
      const told = result.errors.join("\n");
      return [`refused, as it should be: ${told.split("\n")[0] ?? ""}`, told] as const;
    });
    return { bad: { from, to: Date.now() }, reason };
  }

  private async up(
    stack: Stack,
    { name, hyperparameters }: Release,
    onProgress: (line: string) => void,
    values: Readonly<Record<string, string>> = {},
  ) {
    const { project, model, speed } = this.job.stage;
    const config = stackConfig(stack, { model, id: name, hyperparameters }, this.account, speed);
    const watched = stack === "prod" ? driftWatch(model, speed) : {};
    await project.configure(stack, { ...config, ...watched, ...values });
    return project.up(stack, onProgress);
  }
}
