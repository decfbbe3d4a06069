import { expect } from "chai";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ListProcessingJobsCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { clientConfig } from "local-aws/core/local";
import { openRole } from "local-aws/testing/role";
import { makePython } from "pulumi-engine/python-env";
import { reportTo } from "pulumi-engine/report";
import { run } from "pulumi-engine/run-command";
import { z } from "zod";
import { LocalProject } from "../../support/local-project";

const COLUMNS = ["total_amount", "duration_minutes", "passenger_count", "trip_distance"];
const READ = z.object({
  baseline: z.object({ statistics: z.array(z.string()), constraints: z.array(z.string()) }),
  drift: z.object({ statistics: z.array(z.string()), violations: z.array(z.string()) }),
  experiment: z.object({ rows: z.number(), columns: z.array(z.string()) }),
});

describe("the SageMaker Python SDK, on what stack train and a drift job leave", function () {
  this.timeout(600_000);
  let local: LocalProject;
  let folder: string;
  let python: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "safe-deploy-sdk-"));
    const quiet = reportTo({ write: () => undefined });
    [local, python] = await Promise.all([
      LocalProject.start(),
      makePython(join(folder, "venv"), join(__dirname, "requirements.txt"), quiet),
    ]);
    await local.up("train", "r1");
  });
  after(async () => {
    await local.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("reads the baseline, the drift report as that of Model Monitor, and the experiment as a table", async () => {
    const sageMaker = new SageMakerClient(clientConfig(local.aws));
    const { ProcessingJobSummaries: [job] = [] } = await sageMaker.send(new ListProcessingJobsCommand({}));
    const told = {
      BUCKET: local.account.bucket,
      ROLE_ARN: await openRole(local.aws, "sdk"),
      BASELINE_JOB: job?.ProcessingJobName,
      MONITORING: resolve(__dirname, "../../../monitoring"),
    };

    const printed = await run(python, [join(__dirname, "read.py")], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, ...local.aws.environment, ...told },
    });

    const read = READ.parse(JSON.parse(printed.trim().split("\n").at(-1) ?? ""));
    expect(read.baseline.statistics).to.have.members(COLUMNS);
    expect(read.baseline.constraints).to.have.members(COLUMNS);
    expect(read.drift.statistics).to.include.members(COLUMNS);
    expect(read.drift.violations).to.deep.equal(["trip_distance"]);
    expect(read.experiment.rows).to.be.above(0);
    expect(read.experiment.columns).to.include.members(["TrialComponentName", "DisplayName", "num_round"]);
  });
});
