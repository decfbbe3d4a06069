import type { Stack } from "@pulumi/pulumi/automation";
import { expect } from "chai";
import { configOf, liveRelease } from "../../../pipeline/state";

const RELEASE = "sagemaker-safe-deploy:release";

/** An entry of a stack's history. */
const update = (release: string, over: object = {}) => ({
  ...{ kind: "update", result: "succeeded" },
  config: { [RELEASE]: { value: release }, "aws:region": { value: "us-east-1" } },
  ...over,
});
/** A stack with a history, newest first. */
const withHistory = (...updates: readonly object[]) =>
  ({
    history: async (size: number, page: number) => updates.slice((page - 1) * size, page * size),
  }) as unknown as Stack;
const withState = (deployment: object | null) => ({ exportStack: async () => ({ deployment }) }) as unknown as Stack;

describe("the config that a release was deployed with", () => {
  it("is that of its latest update that has succeeded, of whatever else has failed since", async () => {
    const stack = withHistory(
      update("r2", { result: "failed" }),
      update("r1", {
        result: "failed",
        config: { [RELEASE]: { value: "r1" }, changed: { value: "by the failed one" } },
      }),
      update("r1", { kind: "refresh", config: { [RELEASE]: { value: "r1" }, changed: { value: "by the refresh" } } }),
      update("r1", { config: { [RELEASE]: { value: "r1" }, minInstances: { value: "2" } } }),
      update("r1"),
    );

    expect(await configOf(stack, "r1")).to.deep.equal({ plain: { [RELEASE]: "r1", minInstances: "2" }, secret: {} });
  });

  it("has its secrets apart", async () => {
    const config = { [RELEASE]: { value: "r1", secret: false }, "aws:token": { value: "hidden", secret: true } };

    expect(await configOf(withHistory(update("r1", { config })), "r1")).to.deep.equal({
      plain: { [RELEASE]: "r1" },
      secret: { "aws:token": "hidden" },
    });
  });

  it("is found however much has happened since", async () => {
    const others = Array.from({ length: 20 }, (_, index) => update(`r${100 - index}`));

    expect((await configOf(withHistory(...others, update("r1")), "r1"))?.plain).to.deep.equal({
      [RELEASE]: "r1",
      "aws:region": "us-east-1",
    });
  });

  it("is not known where the history has no update of it that has succeeded", async () => {
    const others = Array.from({ length: 10 }, () => update("r2"));

    expect(await configOf(withHistory(...others), "r1")).to.equal(undefined);
    expect(await configOf(withHistory(update("r1", { result: "failed" })), "r1")).to.equal(undefined);
    expect(await configOf(withHistory(), "r1")).to.equal(undefined);
  });
});

describe("the release that is live", () => {
  it("is the one that the rollout has told last", async () => {
    const resources = [
      { type: "aws:iam/role:Role", outputs: { liveRelease: "another's word" } },
      { type: "pulumi-nodejs:dynamic/sagemaker-safe-deploy:LambdaRollout", outputs: { liveRelease: "r1" } },
    ];

    expect(await liveRelease(withState({ resources }))).to.equal("r1");
  });

  it("is none where the state is empty, or its rollout has never ended", async () => {
    const rollout = { type: "pulumi-nodejs:dynamic/sagemaker-safe-deploy:LambdaRollout" };

    for (const empty of [null, {}, { resources: [] }, { resources: [rollout] }]) {
      expect(await liveRelease(withState(empty)), JSON.stringify(empty)).to.equal(undefined);
    }
  });
});
