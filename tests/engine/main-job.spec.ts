import { startReal, type Real } from "./main-job/fixture";
import { mainJob } from "./main-job/main-job";
import { permissions } from "./main-job/permissions";
import { refusals } from "./main-job/refusals";
import { releases } from "./main-job/releases";

/**
 * The main job, and what comes after it in the same account: its tree is the source of stack `pipeline`, whose programs preview and deploy,
 * each under its role. Each part goes on where the one before has ended.
 */
describe("npm run local, and the pipeline that it leaves", function () {
  this.timeout(1_200_000);
  const started: Real[] = [];

  before(async () => {
    started.push(await startReal());
  });
  after(async () => {
    for (const { lab } of started) {
      await lab.close();
    }
  });

  const use = () => {
    const [real] = started;
    if (real === undefined) {
      throw new Error("the pipeline is not there");
    }
    return real;
  };
  mainJob(use);
  releases(use);
  refusals(use);
  permissions(use);
});
