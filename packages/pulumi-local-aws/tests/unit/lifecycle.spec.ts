import { expect } from "chai";
import { serve, type Served } from "local-aws/testing/serve";
import { CallFailed, type Plugin, UNKNOWN, awsEnvironment, secretOf, startPlugin, withEnvironment } from "./plugin";
import { fakeLogs } from "./fakes";

const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";
const ARN = "arn:aws:logs:us-east-1:123456789012:log-group:app";

describe("the provider plugin manages a resource", () => {
  const groups: Parameters<typeof fakeLogs>[0] = new Map();
  let served: Served;
  let plugin: Plugin;
  let restore: () => void;

  before(async () => {
    served = await serve(fakeLogs(groups));
    restore = withEnvironment(awsEnvironment(served.endpoint));
  });
  after(async () => {
    restore();
    await served.close();
  });
  beforeEach(async () => {
    groups.clear();
    plugin = await startPlugin({ region: "us-east-1", defaultTags: '{"tags":{"team":"ml","stage":"dev"}}' });
  });
  afterEach(() => plugin.close());

  const inputs = { name: "app", retentionInDays: 7, tags: { stage: "prod" }, __defaults: [] };
  const outputs = {
    name: "app",
    retentionInDays: 7,
    arn: ARN,
    region: "us-east-1",
    tags: { stage: "prod" },
    tagsAll: { team: "ml", stage: "prod" },
  };

  it("creates it with the provider's tags under the program's, and answers what AWS has then", async () => {
    expect(await plugin.create(LOG_GROUP, inputs)).to.deep.equal({ id: "app", outputs });
    expect(groups.get("app")).to.deep.equal({ retentionInDays: 7, tags: { team: "ml", stage: "prod" } });
  });

  it("previews a creation without touching AWS, what AWS would add being unknown", async () => {
    const preview = await plugin.create(LOG_GROUP, inputs, { preview: true });
    expect(preview).to.deep.equal({ id: "", outputs: { ...outputs, arn: UNKNOWN } });
    expect(groups.size).to.equal(0);
  });

  it("keeps a resource in the state whose creation failed half way", async () => {
    const error = await plugin.create(LOG_GROUP, { ...inputs, retentionInDays: 2 }).catch((failed: unknown) => failed);
    expect(error).to.be.instanceOf(CallFailed);
    const { partial } = error as CallFailed;
    expect(partial?.id).to.equal("app");
    expect(partial?.reasons).to.deep.equal([
      'creating aws:cloudwatch/logGroup:LogGroup "thing": InvalidParameterException: 2 is not a valid retention',
    ]);
    expect(partial?.outputs).to.deep.include({ arn: ARN, retentionInDays: 0, __incomplete: true });
  });

  it("keeps nothing where the creation itself failed, and says why in one line", async () => {
    groups.set("app", { tags: {} });
    const error = await plugin.create(LOG_GROUP, inputs, { name: "mine" }).catch((failed: unknown) => failed);
    expect((error as CallFailed).partial).to.equal(undefined);
    expect((error as CallFailed).message).to.equal(
      'creating aws:cloudwatch/logGroup:LogGroup "mine": ResourceAlreadyExistsException: The specified log group already exists',
    );
  });

  it("finds nothing to change when it reads what it has just made", async () => {
    await plugin.create(LOG_GROUP, inputs);
    expect(await plugin.read(LOG_GROUP, "app", inputs, outputs)).to.deep.equal({ id: "app", inputs, outputs });
  });

  it("shows by a refresh what somebody else changed, in arguments and in tags", async () => {
    await plugin.create(LOG_GROUP, inputs);
    groups.set("app", { retentionInDays: 30, tags: { team: "ml", stage: "test", cost: "1" } });
    const read = await plugin.read(LOG_GROUP, "app", inputs, outputs);
    expect(read.inputs).to.deep.equal({ ...inputs, retentionInDays: 30, tags: { stage: "test", cost: "1" } });
    expect((await plugin.diff(LOG_GROUP, read.inputs, inputs, read.outputs)).detail).to.deep.equal({
      retentionInDays: "UPDATE",
      "tags.stage": "UPDATE",
      "tags.cost": "DELETE",
    });
  });

  it("shows by a refresh that an argument which the program leaves out is no longer at its default", async () => {
    const plain = { name: "app", __defaults: [] };
    await plugin.create(LOG_GROUP, plain);
    groups.get("app")!.retentionInDays = 30;
    expect((await plugin.read(LOG_GROUP, "app", plain)).inputs).to.deep.equal({ ...plain, retentionInDays: 30 });
  });

  it("answers an empty id for what is gone", async () => {
    expect(await plugin.read(LOG_GROUP, "app", inputs, outputs)).to.deep.include({ id: "" });
  });

  it("imports by id, telling what is not at its default", async () => {
    groups.set("app", { retentionInDays: 30, tags: { team: "ml", cost: "1" } });
    expect((await plugin.read(LOG_GROUP, "app")).inputs).to.deep.equal({
      name: "app",
      retentionInDays: 30,
      tags: { cost: "1" },
    });
  });

  it("updates what differs, and tags", async () => {
    await plugin.create(LOG_GROUP, inputs);
    const news = { name: "app", tags: { owner: "me" }, __defaults: [] };
    expect(await plugin.update(LOG_GROUP, "app", inputs, news, { outputs })).to.deep.equal({
      ...outputs,
      retentionInDays: 0,
      tags: { owner: "me" },
      tagsAll: { team: "ml", stage: "dev", owner: "me" },
    });
    expect(groups.get("app")).to.deep.equal({ tags: { team: "ml", stage: "dev", owner: "me" } });
  });

  it("previews an update with what is known, which is everything here", async () => {
    const news = { ...inputs, retentionInDays: 30 };
    const preview = await plugin.update(LOG_GROUP, "app", inputs, news, { preview: true, outputs });
    expect(preview).to.deep.equal({ ...outputs, retentionInDays: 30 });
  });

  it("does not make again by an update what somebody deleted", async () => {
    const error = await plugin
      .update(LOG_GROUP, "app", inputs, { ...inputs, retentionInDays: 3 })
      .catch((e: unknown) => e);
    expect((error as CallFailed).message).to.equal(
      'updating aws:cloudwatch/logGroup:LogGroup "thing": app does not exist (any more); "pulumi refresh" takes note of it',
    );
  });

  it("deletes it, and takes it for done where it is gone already", async () => {
    await plugin.create(LOG_GROUP, inputs);
    await plugin.delete(LOG_GROUP, "app", inputs);
    await plugin.delete(LOG_GROUP, "app", inputs);
    expect(groups.size).to.equal(0);
  });

  it("gives back as a secret what it was given as one, and unchanged by a read", async () => {
    const hidden = { ...inputs, tags: { stage: secretOf("prod") } };
    const created = await plugin.create(LOG_GROUP, hidden);
    expect(created.outputs.tags).to.deep.equal(secretOf({ stage: "prod" }));
    expect((await plugin.read(LOG_GROUP, "app", hidden, created.outputs)).inputs).to.deep.equal(hidden);
  });

  it("tells a local AWS that is not there from every other error", async () => {
    restore();
    restore = withEnvironment(awsEnvironment("http://127.0.0.1:1"));
    const alone = await startPlugin();
    const error = await alone.delete(LOG_GROUP, "app", inputs).catch((failed: unknown) => failed);
    alone.close();
    restore();
    restore = withEnvironment(awsEnvironment(served.endpoint));
    expect((error as CallFailed).message).to.equal(
      'deleting aws:cloudwatch/logGroup:LogGroup "thing": the local AWS at http://127.0.0.1:1 does not answer ' +
        "(ECONNREFUSED); is it still running?",
    );
  });
});
