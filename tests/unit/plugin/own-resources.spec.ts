import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import type * as entry from "../../../components/providers/entry";
import { ownResources } from "../../../plugin/own-resources";

const URN =
  "urn:pulumi:dev::fares::sagemaker-safe-deploy:index:TrainingJob$sagemaker-safe-deploy:index:TrainingJobRun::r1";

const secret = (value: unknown) => ({ [pulumi.runtime.specialSigKey]: pulumi.runtime.specialSecretSig, value });

/** A provider that does nothing but remember what it was asked. */
function remembering(): { readonly asked: unknown[]; readonly provider: entry.Provider } {
  const asked: unknown[] = [];
  const remember = <T>(answer: T, ...given: unknown[]): Promise<T> => {
    asked.push(...given);
    return Promise.resolve(answer);
  };
  const outs = (inputs: object) => ({ ...inputs, status: "Completed" });
  return {
    asked,
    provider: {
      check: (olds, news: object) => remember({ inputs: { ...news, pollSeconds: 120 } }, olds, news),
      diff: (_id, olds, news) => remember({ changes: true }, olds, news),
      create: (inputs: object) => remember({ id: "r1", outs: outs(inputs) }, inputs),
      read: (id, props: object) => remember({ id, props }, props),
      update: (_id, olds, news: object) => remember({ outs: outs(news) }, olds, news),
      delete: (_id, props) => remember(undefined, props),
    },
  };
}

describe("the project's own resources, as the plugin serves them", () => {
  const served = (provider: entry.Provider) =>
    ownResources(() => ({ trainingJobRun: provider }) as unknown as typeof entry);
  const marked = { jobName: "r1", tags: { team: "fares", token: secret("s3cret") } };
  const plain = { jobName: "r1", tags: { team: "fares", token: "s3cret" } };

  it("get secrets as they are, and have what was a secret marked as one again", async () => {
    const { asked, provider } = remembering();
    const { check, diff, create, read, update, delete: remove } = served(provider);

    expect((await check(URN, {}, marked)).inputs).to.deep.equal({
      ...plain,
      tags: secret(plain.tags),
      pollSeconds: 120,
    });
    expect(await diff("r1", URN, marked, marked)).to.deep.equal({ changes: true });
    const outs = { ...plain, tags: secret(plain.tags), status: "Completed" };
    expect(await create(URN, marked)).to.deep.equal({ id: "r1", outs });
    expect(await read("r1", URN, marked)).to.deep.equal({ id: "r1", props: { ...plain, tags: secret(plain.tags) } });
    expect(await update("r1", URN, marked, { ...marked, tags: secret(plain.tags) })).to.deep.equal({ outs });
    await remove("r1", URN, marked);

    expect(asked).to.deep.equal([{}, ...Array.from({ length: 8 }, () => plain)]);
  });

  it("leave values that are no secrets unmarked, lists and numbers among them", async () => {
    const inputs = { channels: [{ name: "train" }], pollSeconds: 5, gate: null };

    const { outs } = (await served(remembering().provider).create(URN, inputs)) as { outs: unknown };

    expect(outs).to.deep.equal({ ...inputs, status: "Completed" });
  });

  it("are gone where nothing was found", async () => {
    const { provider } = remembering();

    const found = await served({ ...provider, read: async () => ({}) }).read("r1", URN, plain);

    expect(found).to.deep.equal({ id: undefined, props: {} });
  });

  it("keep the marks on what a failed one leaves in the state", async () => {
    const failed = () =>
      Promise.reject(Object.assign(new Error("job failed"), { id: "r1", properties: plain, reasons: ["no rows"] }));
    const { provider } = remembering();
    const { create, update } = served({ ...provider, create: failed, update: failed });

    for (const attempt of [create(URN, marked), update("r1", URN, marked, marked)]) {
      const error = await attempt.catch((thrown: unknown) => thrown);
      expect(error).to.include({ message: "job failed", id: "r1" });
      expect(error).to.deep.include({ properties: { ...plain, tags: secret(plain.tags) }, reasons: ["no rows"] });
    }
  });

  it("are none but the project's own", async () => {
    const urn = URN.replace("TrainingJobRun::", "Elsewhere::");

    const error = await served(remembering().provider)
      .create(urn, {})
      .catch((thrown: unknown) => thrown);

    expect(String(error)).to.contain("this plugin has no resource Elsewhere");
  });
});
