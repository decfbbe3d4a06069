import type { Stack } from "@pulumi/pulumi/automation";
import { expect } from "chai";
import { goBack } from "../../../pipeline/going-back";
import type { Settings } from "../../../pipeline/settings";

const RELEASE = "sagemaker-safe-deploy:release";
const BOUNDARY = "sagemaker-safe-deploy:permissionsBoundaryArn";
const ROLLOUT = "pulumi-nodejs:dynamic/sagemaker-safe-deploy:LambdaRollout";
const SECRETS = "awskms:///alias/state";

describe("going back after an update of prod that has failed", () => {
  interface Secret {
    readonly value: string;
    readonly secret: true;
  }
  let refusal: string | undefined;
  let lines: string[];
  /** What was done to the stack, in order. */
  let done: unknown[];
  beforeEach(() => {
    refusal = undefined;
    lines = [];
    done = [];
  });

  const tell = (line: string) => lines.push(line);
  const settings = (prod: Record<string, unknown> = {}) =>
    ({ release: "r2", secretsProvider: SECRETS, stackConfig: { prod } }) as unknown as Settings;
  /** Stack prod, where a release serves, with the configs of its updates that have succeeded, newest first. */
  const prod = (liveRelease: string | undefined, ...configs: readonly Record<string, string | Secret>[]) =>
    ({
      name: "prod",
      workspace: {
        stackSettings: async () => ({ encryptedKey: "key", config: { [RELEASE]: "r2" } }),
        saveStackSettings: async (name: string, saved: object) => done.push({ save: name, ...saved }),
      },
      exportStack: async () => ({ deployment: { resources: [{ type: ROLLOUT, outputs: { liveRelease } }] } }),
      history: async () =>
        configs.map((config) => ({
          ...{ kind: "update", result: "succeeded" },
          config: Object.fromEntries(
            Object.entries(config).map(([key, value]) => [key, typeof value === "string" ? { value } : value]),
          ),
        })),
      setAllConfig: async (values: object) => {
        done.push({ set: values });
        if (refusal !== undefined) {
          throw new Error(refusal);
        }
      },
      up: async ({ plan }: { plan?: string }) => done.push({ up: plan }),
    }) as unknown as Stack;

  it("runs prod with the config of the release that serves, and with the boundary of today", async () => {
    const before = { [RELEASE]: "r1", "aws:region": "us-east-1", [BOUNDARY]: "of then" };
    const told = await goBack(
      prod("r1", before),
      settings({ permissionsBoundaryArn: "of today", minInstances: "9" }),
      tell,
    );

    const config = { ...before, [BOUNDARY]: "of today" };
    expect(done).to.deep.equal([
      { save: "prod", secretsProvider: SECRETS, encryptedKey: "key", config },
      // Under no plan: that of the failed release is of no use.
      { up: undefined },
    ]);
    expect(told).to.equal("Prod has gone back to release r1, which serves; release r2 is removed.");
    expect(lines).to.deep.equal(["going back to release r1"]);
  });

  it("keeps secret what was secret", async () => {
    const token = { value: "hidden", secret: true } as const;
    await goBack(prod("r1", { [RELEASE]: "r1", "other:token": token }), settings(), tell);

    expect(done).to.deep.equal([
      { save: "prod", secretsProvider: SECRETS, encryptedKey: "key", config: { [RELEASE]: "r1" } },
      { set: { "other:token": token } },
      { up: undefined },
    ]);
  });

  it("does not go back where a secret cannot be written, and tells why without it", async () => {
    refusal = "code: 255\n stderr: Command failed: pulumi config set-all --secret other:token=hidden\nerror: no key\n";
    const stack = prod("r1", { [RELEASE]: "r1", "other:token": { value: "hidden", secret: true } });

    const error = await goBack(stack, settings(), tell).catch((thrown: unknown) => thrown);

    expect(error).to.have.property(
      "message",
      "secret config of stack prod (other:token) cannot be written: error: no key",
    );
    expect(done).not.to.deep.include({ up: undefined });
  });

  it("adds no boundary where the pipeline has none", async () => {
    await goBack(prod("r1", { [RELEASE]: "r1" }), settings(), tell);

    expect(done).to.deep.include({
      ...{ save: "prod", secretsProvider: SECRETS, encryptedKey: "key" },
      config: { [RELEASE]: "r1" },
    });
  });

  for (const [where, stack, says] of [
    ["no release was live before", () => prod(undefined), /^No release was live before/],
    [
      "its own release is live all the same",
      () => prod("r2", { [RELEASE]: "r2" }, { [RELEASE]: "r1" }),
      /^Release r2 is live all the same: .* Retry the stage/,
    ],
    [
      "the history does not have the release that serves",
      () => prod("r1", { [RELEASE]: "r0" }),
      /^Release r1 serves, but .* release r2 has left is still there\. .*pulumi config set release r1 --stack prod/,
    ],
  ] as const) {
    it(`touches nothing where ${where}, and says so`, async () => {
      expect(await goBack(stack(), settings(), tell)).to.match(says);
      expect(done).to.deep.equal([]);
    });
  }
});
