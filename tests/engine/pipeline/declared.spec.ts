import { join } from "node:path";
import { PipelineLab } from "../../support/pipeline-lab";
import { CHEAP_BUILDS, SourceFolder, Switches } from "../../support/pipeline-source";
import type { Declared } from "./declared/fixture";
import { destruction } from "./declared/destruction";
import { executions } from "./declared/executions";
import { failures } from "./declared/failures";
import { modes } from "./declared/modes";
import { permissions } from "./declared/permissions";
import { pullRequests } from "./declared/pull-requests";
import { retraining, SELDOM } from "./declared/retraining";
import { stopping } from "./declared/stopping";

/**
 * Stack `pipeline` as it is declared, with builds that only say what they were told. There is one stack for all, and each part goes on where
 * the one before has ended.
 */
describe("stack pipeline, with cheap builds", function () {
  this.timeout(120_000);
  const opened: { close(): Promise<void> }[] = [];
  const declared: Partial<Declared> = {};

  before(async () => {
    let parts: Partial<Declared> = {};
    const lab = await PipelineLab.start(async (dir) => {
      const source = await SourceFolder.create(join(dir, "source"), CHEAP_BUILDS);
      parts = { source, switches: await Switches.create(join(dir, "switches")) };
      // Builds take here what they take, whatever the clock says.
      const builds = { environment: { SWITCHES: join(dir, "switches") }, timeoutSpeed: 1 };
      return { repository: source.path, builds };
    });
    opened.push(lab);
    // Nobody looks at the alarms unless a test is about it.
    const retrain = JSON.stringify({ lookSchedule: SELDOM });
    await lab.up({ pullRequests: "true", retrain, notificationEmail: "team@example.com", notebook: "{}" });
    const told = await lab.inbox();
    opened.push(told);
    Object.assign(declared, parts, { lab, told });
  });
  after(async () => {
    for (const one of opened.reverse()) {
      await one.close();
    }
  });

  const use = () => declared as Declared;
  executions(use);
  retraining(use);
  failures(use);
  stopping(use);
  pullRequests(use);
  modes(use);
  permissions(use);
  destruction(use);
});
