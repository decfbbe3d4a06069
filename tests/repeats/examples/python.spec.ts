import { expect } from "chai";
import { cp, mkdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import type { LocalAws } from "local-aws";
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
/** What the program tells of each release. */
const LIVES = z.array(
  z.object({
    outputs: z.object({ url: z.string(), liveRelease: z.string() }),
    secrets: z.array(z.string()),
    changes: z.record(z.string(), z.number()),
    answers: z.tuple([z.tuple([z.number(), z.string()]), z.tuple([z.number(), z.string()])]),
    isKeyInState: z.boolean(),
  }),
);
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

  it("trains, serves, moves to another release by its rollout, is unchanged by a refresh, and goes", async () => {
    const cli = await ensurePulumi(QUIET);
    const own = { home: join(folder, ".engine/home"), stateDir: join(folder, ".engine/state"), passphrase: "test" };
    await mkdir(own.stateDir, { recursive: true });
    await installAwsPlugin(own.home);
    const config = { "aws:region": aws.account.region, bucket, pollSeconds: "0.25", bakeSeconds: "2" };
    const printed: string[] = [];
    const args = [join(__dirname, "python-program.py"), folder, JSON.stringify(config), "r1", "r2"];
    const program = run(python, args, {
      env: { ...process.env, ...engineEnvironment(cli, own), ...aws.environment, NODE_PATH: undefined },
      onLine: (line) => printed.push(line),
    });

    const lines = (await program.catch(() => expect.fail(printed.join("\n")))).trim().split("\n");

    const lives = LIVES.parse(JSON.parse(lines.at(-1)!));
    expect(lives.map(({ outputs }) => outputs.liveRelease)).to.deep.equal(["r1", "r2"]);
    expect(lives[1]?.outputs.url).to.equal(lives[0]?.outputs.url);
    for (const { answers, secrets, isKeyInState } of lives) {
      const [[status, answer], [refused]] = answers;
      expect([status, refused]).to.deep.equal([200, 403]);
      expect(answer).to.match(/^(19|20)\.\d/);
      expect(secrets).to.deep.equal(["apiKey"]);
      expect(isKeyInState).to.equal(false);
    }
    // Others: job and endpoint with their roles (12), five alarms. Changed: the functions, the deployment group and the rollout.
    expect(lives[1]?.changes).to.deep.equal({ create: 17, delete: 17, same: 30, update: 5 });
    const told = printed.join("\n");
    expect(told).to.match(/training job fares-r2: InProgress/);
    expect(told).to.match(/plan: release r2 replaces release r1/);
    expect(told).to.match(/10 % of the traffic goes to release r2 \(version 2\)/);
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
