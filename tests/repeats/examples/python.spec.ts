import { DescribeTrainingJobCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { cp, mkdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { LocalAws } from "local-aws";
import { clientConfig } from "local-aws/core/local";
import { engineEnvironment } from "pulumi-engine/engine-environment";
import { ensurePulumi } from "pulumi-engine/pulumi-cli";
import { makePython } from "pulumi-engine/python-env";
import { generatePythonSdk } from "pulumi-engine/python-sdk";
import { reportTo } from "pulumi-engine/report";
import { run } from "pulumi-engine/run-command";
import { installAwsPlugin } from "../../../local/journey/build-image";
import { farFolder, install, packed, peers, remove, write } from "../../engine/package/install";
import { startAwsWithData } from "../../engine/package/local-account";

const EXAMPLE = resolve(__dirname, "../../../examples/python");
const QUIET = reportTo({ write: () => undefined });

describe("the example in Python, with the package's plugin as it is published", function () {
  this.timeout(600_000);
  let aws: LocalAws;
  let bucket: string;
  let folder: string;
  let python: string;

  before(async () => {
    folder = await farFolder();
    await cp(EXAMPLE, folder, { recursive: true });
    const [started] = await Promise.all([startAwsWithData(), installPackage(folder)]);
    ({ aws, bucket } = started);
    const sdk = join(folder, "sdks", "sagemaker-safe-deploy");
    await generatePythonSdk(join(folder, "node_modules/sagemaker-safe-deploy/dist/schema.json"), sdk);
    python = await makePython(join(folder, "venv"), join(folder, "requirements.txt"), QUIET);
  });
  after(async () => {
    await aws.close();
    await remove(folder);
  });

  it("trains by a component whose job the plugin runs, is unchanged by a refresh, and goes", async () => {
    const cli = await ensurePulumi(QUIET);
    const own = { home: join(folder, ".engine/home"), stateDir: join(folder, ".engine/state"), passphrase: "test" };
    await mkdir(own.stateDir, { recursive: true });
    await installAwsPlugin(own.home);
    const config = { "aws:region": aws.account.region, bucket, release: "r1", pollSeconds: "0.25" };
    const printed: string[] = [];
    const program = run(python, [join(__dirname, "python-program.py"), folder, JSON.stringify(config)], {
      env: { ...process.env, ...engineEnvironment(cli, own), ...aws.environment, NODE_PATH: undefined },
      onLine: (line) => printed.push(line),
    });

    const lines = (await program.catch(() => expect.fail(printed.join("\n")))).trim().split("\n");

    const outputs = JSON.parse(lines.at(-1)!) as { model: string; metrics: Record<string, number> };
    expect(outputs.model).to.equal(`s3://${bucket}/fares/fares-r1/output/model.tar.gz`);
    expect(outputs.metrics["train:rmse"]).to.be.a("number");
    expect(printed.join("\n")).to.match(/training job fares-r1: InProgress/);
    const { TrainingJobStatus } = await new SageMakerClient(clientConfig(aws)).send(
      new DescribeTrainingJobCommand({ TrainingJobName: "fares-r1" }),
    );
    expect(TrainingJobStatus).to.equal("Completed");
  });
});

/** The package as npm has it, which brings the plugin. */
async function installPackage(folder: string): Promise<void> {
  const [tarball, versions] = await Promise.all([packed(folder), peers()]);
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as object;
  const dependencies = { ...versions, "sagemaker-safe-deploy": `file:${tarball}` };
  await write(folder, { "package.json": JSON.stringify({ ...manifest, dependencies }) });
  await install("npm", folder);
}
