import { startReal, type Real } from "./real/fixture";
import { permissions } from "./real/permissions";
import { refusals } from "./real/refusals";
import { releases } from "./real/releases";

/**
 * Stack `pipeline` with the project's own builds: its tree is the source, its programs preview and deploy, each under its role. There is one
 * account for all, and each part goes on where the one before has ended.
 */
describe("stack pipeline, with the project's own builds", function () {
  this.timeout(400_000);
  const started: Real[] = [];

  before(async () => {
    started.push(await startReal());
  });
  after(async () => {
    for (const { operator, lab, told } of started) {
      await operator.stop();
      await told.close();
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
  releases(use);
  refusals(use);
  permissions(use);
});
