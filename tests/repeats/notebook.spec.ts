import { DescribeNotebookInstanceCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { clientConfig } from "local-aws/core/local";
import { openRole } from "local-aws/testing/role";
import { makePython } from "pulumi-engine/python-env";
import { reportTo } from "pulumi-engine/report";
import { run } from "pulumi-engine/run-command";
import { z } from "zod";
import { notebookFile, textOf } from "../support/notebook-file";
import type { PipelineLab } from "../support/pipeline-lab";
import { pipelineWithoutReleases } from "./notebook/world";

const FOLDER = resolve(__dirname, "../../notebook");
const HERE = join(__dirname, "notebook");
/** As many trips as leave 500 to be tried on dev, and the pace of the local AWS. */
const PARAMETERS = { rows: 60_000, poll_seconds: 0.5, request_seconds: 0.1, capture_seconds: 3 };
const LINE = z.tuple([z.string(), z.string(), z.string()]);

/** What a run of the notebook has left. */
interface Played {
  readonly release: string;
  /** What a cell has shown, as text. */
  readonly said: (cell: string) => string;
  readonly cells: z.infer<typeof notebookFile>["cells"];
  /** The axes of all charts: what they are, and their names. */
  readonly axes: readonly z.infer<typeof LINE>[];
}

describe("notebook/mlops.ipynb, under the role of its notebook instance", function () {
  this.timeout(1_200_000);
  let folder: string;
  let python: string;
  let lab: PipelineLab;
  let roleArn: string;
  const releases: Played[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "safe-deploy-notebook-"));
    const quiet = reportTo({ write: () => undefined });
    [lab, python] = await Promise.all([
      pipelineWithoutReleases(),
      makePython(join(folder, "venv"), join(HERE, "requirements.txt"), quiet),
    ]);
    const { notebookInstanceName } = await lab.project.outputs("pipeline");
    const described = new DescribeNotebookInstanceCommand({
      NotebookInstanceName: z.string().parse(notebookInstanceName),
    });
    roleArn = (await new SageMakerClient(clientConfig(lab.aws)).send(described)).RoleArn ?? "";
  });
  after(async () => {
    await lab.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs all cells, with the environment that the instance's kernel has. */
  async function play(name: string, parameters: object, click?: string): Promise<Played> {
    const { aws, account } = lab;
    const { accessKeyId, secretAccessKey, sessionToken } = await aws.sessions.assumeAs(
      "sagemaker.amazonaws.com",
      roleArn,
      name,
    );
    const [target, axesFile] = [join(folder, `${name}.ipynb`), join(folder, `${name}.axes`)];
    const settings = { folder: FOLDER, axesFile, click, parameters: { ...PARAMETERS, ...parameters } };
    const source = join(FOLDER, "mlops.ipynb");
    await run(python, [join(HERE, "execute.py"), source, target, JSON.stringify(settings)], {
      cwd: folder,
      env: {
        ...{ PATH: process.env.PATH, HOME: folder, MPLCONFIGDIR: folder, BUCKET: account.bucket },
        ...aws.environment,
        ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken },
      },
    });
    const { cells } = notebookFile.parse(JSON.parse(await readFile(target, "utf8")));
    const said = (cell: string) => textOf(cells, cell);
    const lines = (await readFile(axesFile, "utf8")).trim().split("\n");
    const axes = lines.map((line) => LINE.parse(JSON.parse(line)));
    return { release: /release +(\S+)/.exec(said("put"))?.[1] ?? "", said, cells, axes };
  }
  const endpointOf = ({ release }: Played) => `mlops-nyctaxi-prd-${release}`;

  it("comes with the pipeline, which has nothing to do a second time", () => lab.expectNoChanges());

  it("brings a first release, approved by call, and finds drift in shifted requests", async () => {
    const first = await play("first", { answer: "Approved" });
    releases.push(first);

    expect((await lab.executions.execution(first.release)).status).to.equal("Succeeded");
    expect(first.said("experiment")).to.match(/Baseline[^]*Training/);
    expect(first.said("rmse")).to.match(/^500 trips: RMSE [2-4]\.\d\d US dollars, bias [+-][01]\.\d\d US dollars/);
    expect(first.said("call")).to.equal("Approved: tried in the notebook\n");
    expect(first.said("who-answered")).to.include(endpointOf(first));
    expect(first.said("baseline")).to.match(/total_amount[^]*trip_distance/);
    expect(first.said("capture")).to.include('"endpointOutput"');
    expect(first.said("usual")).not.to.include("True");
    expect(first.said("violations")).to.match(/total_amount +baseline_drift_check[^]*trip_distance/);
    expect(first.said("alarm")).to.match(/^mlops-nyctaxi-drift is ALARM: Threshold Crossed/);
    expect(first.said("decisions")).to.match(/alarm mlops-nyctaxi-drift +none +there are no new data/);
    expect(first.said("canary")).to.include("PASSED");
    expect(first.said("dashboard")).to.include("Drift: distance from the training data");
  });

  it("brings a second one, approved by a click, and sees both endpoints answer until it has taken over", async () => {
    const [first] = releases;
    const second = await play("second", { hyperparameters: { num_round: "30" } }, "Approved");
    releases.push(second);

    expect((await lab.executions.execution(second.release)).status).to.equal("Succeeded");
    expect(second.said("call")).to.equal("");
    const [one, two] = [first!, second].map((each) => `200 ${endpointOf(each)}`);
    expect(second.said("send")).to.match(new RegExp(`${one}[^]*${two}[^]*${one}[^]*${two}\\n$`));
    expect(second.said("who-answered")).not.to.match(/ (4|5)\d\d /);
    expect(second.said("deployments")).to.include("Succeeded");
    expect(second.said("left")).to.include(endpointOf(second)).and.not.to.include(endpointOf(first!));
  });

  it("runs every cell, with a name at each axis of its charts", () => {
    for (const { cells, axes } of releases) {
      const code = cells.filter(({ cell_type }) => cell_type === "code");
      expect(code.filter(({ execution_count }) => typeof execution_count !== "number")).to.deep.equal([]);
      const charts = code.filter(({ outputs = [] }) => outputs.some(({ data }) => data?.["image/png"] !== undefined));
      expect(charts.map(({ id }) => id)).to.deep.equal(CHARTS);
      // A colour bar is named at one side.
      const unnamed = axes.filter(([kind, x, y]) => y === "" || (x === "" && kind !== "<colorbar>"));
      expect(unnamed).to.deep.equal([]);
      expect(axes).to.have.length.above(CHARTS.length);
    }
  });

  it("has what the original's own notebook calls", async () => {
    const { aws, account } = lab;
    const printed = await run(python, [join(HERE, "original.py")], {
      cwd: folder,
      env: {
        ...{ PATH: process.env.PATH, HOME: folder, BUCKET: account.bucket, RELEASE: releases.at(-1)?.release },
        ...aws.environment,
        ROLE_ARN: await openRole(aws, "original"),
      },
    });

    expect(JSON.parse(printed.trim().split("\n").at(-1) ?? "")).to.deep.equal({
      "ExperimentAnalytics.dataframe": ["Baseline", "Training"],
      BaseliningJob: { statistics: COLUMNS, constraints: COLUMNS },
      MonitoringExecution: { statistics: COLUMNS, violations: ["total_amount", "trip_distance"] },
      S3Downloader: ["endpointInput", "endpointOutput"],
      "get_pipeline_state, put_approval_result": ["Succeeded", "ApprovalAlreadyCompletedException"],
      "synthetics, put_metric_alarm": "of-the-original",
      put_dashboard: 1,
    });
  });

  it("has a role that lacks nothing, and has nothing more without a reason", async () => {
    expect(lab.denials.filter((denial) => denial.includes("notebook-role"))).to.deep.equal([]);
    const unused = await lab.aws.sessions.unusedPermissions(roleArn);
    expect([...new Set(unused.map(({ action }) => action))]).to.have.members([
      // What runs on the instance itself: its scripts, and its logs.
      ...["codeconnections:UseConnection", "logs:CreateLogGroup", "logs:CreateLogStream"],
      ...["logs:DescribeLogStreams", "logs:PutLogEvents"],
    ]);
  });
});

const COLUMNS = ["total_amount", "duration_minutes", "passenger_count", "trip_distance"];
const CHARTS = ["histograms", "amounts", "scatter", "shift", "drift-chart", "canary-chart"];
