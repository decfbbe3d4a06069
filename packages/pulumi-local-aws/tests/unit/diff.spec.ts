import { expect } from "chai";
import {
  awsEnvironment,
  type Bag,
  type Plugin,
  UNKNOWN,
  assetArchive,
  startPlugin,
  stringAsset,
  withEnvironment,
} from "./plugin";

const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";
const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";
const CONFIG = "aws:sagemaker/endpointConfiguration:EndpointConfiguration";
const FUNCTION = "aws:lambda/function:Function";

const variant = (changes: Bag = {}) => ({
  variantName: "v",
  modelName: "m",
  instanceType: "ml.m5.large",
  initialInstanceCount: 1,
  ...changes,
});

describe("the provider plugin compares arguments", () => {
  let plugin: Plugin;
  let restore: () => void;
  before(async () => {
    restore = withEnvironment(awsEnvironment("http://127.0.0.1:1"));
    plugin = await startPlugin();
  });
  after(() => {
    plugin.close();
    restore();
  });

  const unchanged = { some: false, replaces: [], deleteBeforeReplace: false, detail: {} };

  it("finds no change in what is the same", async () => {
    expect(
      await plugin.diff(LOG_GROUP, { name: "a", tags: { x: "1" } }, { name: "a", tags: { x: "1" } }),
    ).to.deep.equal(unchanged);
  });

  it("finds no change in a default that is now said, or no longer said", async () => {
    expect(await plugin.diff(LOG_GROUP, { name: "a", retentionInDays: 0 }, { name: "a" })).to.deep.equal(unchanged);
    expect(await plugin.diff(LOG_GROUP, { name: "a" }, { name: "a", retentionInDays: 0 })).to.deep.equal(unchanged);
  });

  it("compares policies by content", async () => {
    const olds = { name: "p", role: "r", policy: '{"Version":"2012-10-17","Statement":[]}' };
    const same = { ...olds, policy: '{ "Statement": [], "Version": "2012-10-17" }' };
    const other = { ...olds, policy: '{ "Statement": [{}], "Version": "2012-10-17" }' };
    expect(await plugin.diff(ROLE_POLICY, olds, same)).to.deep.equal(unchanged);
    expect((await plugin.diff(ROLE_POLICY, olds, other)).detail).to.deep.equal({ policy: "UPDATE" });
  });

  it("takes the order of an alarm's actions for nothing", async () => {
    const alarm = (...alarmActions: string[]) => ({ name: "a", alarmActions });
    expect(await plugin.diff("aws:cloudwatch/metricAlarm:MetricAlarm", alarm("a", "b"), alarm("b", "a"))).to.deep.equal(
      unchanged,
    );
  });

  it("compares code by its hash", async () => {
    const code = assetArchive({ "index.js": stringAsset("1") });
    const other = assetArchive({ "index.js": stringAsset("2") });
    expect(await plugin.diff(FUNCTION, { code }, { code: { ...code, assets: {} } })).to.deep.equal(unchanged);
    expect((await plugin.diff(FUNCTION, { code }, { code: other })).detail).to.deep.equal({ code: "UPDATE" });
  });

  it("takes a key's id and its ARN for the same key", async () => {
    const arn = "arn:aws:kms:us-east-1:123456789012:key/k";
    const alias = (targetKeyId: string) => ({ name: "alias/a", targetKeyId });
    expect(await plugin.diff("aws:kms/alias:Alias", alias("k"), alias(arn))).to.deep.equal(unchanged);
  });

  it("shows exactly what changes in a block, and that it needs a replacement", async () => {
    const olds = { name: "c-1", __defaults: ["name"], productionVariants: [variant()] };
    const news = { ...olds, productionVariants: [variant({ instanceType: "ml.m5.xlarge" })] };
    expect(await plugin.diff(CONFIG, olds, news)).to.deep.equal({
      some: true,
      replaces: ["productionVariants"],
      deleteBeforeReplace: false,
      detail: { "productionVariants[0].instanceType": "UPDATE_REPLACE" },
    });
  });

  it("deletes first where the program fixed the name, as both could not exist", async () => {
    const olds = { name: "c", __defaults: [], productionVariants: [variant()] };
    const replaced = { ...olds, productionVariants: [variant({ modelName: "m2" })] };
    expect((await plugin.diff(CONFIG, olds, replaced)).deleteBeforeReplace).to.equal(true);
    expect((await plugin.diff(CONFIG, olds, { ...replaced, name: "c2" })).deleteBeforeReplace).to.equal(false);
  });

  it("tells additions, deletions and changes of map entries apart", async () => {
    const olds = { name: "a", tags: { kept: "1", changed: "1", gone: "1" } };
    const news = { name: "a", tags: { kept: "1", changed: "2", "a new one": "1" } };
    expect((await plugin.diff(LOG_GROUP, olds, news)).detail).to.deep.equal({
      "tags.changed": "UPDATE",
      "tags.gone": "DELETE",
      'tags["a new one"]': "ADD",
    });
  });

  it("counts what a preview does not know yet as a change", async () => {
    expect(
      (await plugin.diff(ROLE_POLICY, { name: "p", role: "r" }, { name: "p", role: UNKNOWN })).replaces,
    ).to.deep.equal(["role"]);
  });

  it("leaves alone what AWS chose, when the program does not say it", async () => {
    const olds = { restApi: "r", name: "a", endpointConfiguration: { types: ["EDGE"] } };
    expect(await plugin.diff("aws:apigateway/restApi:RestApi", olds, { restApi: "r", name: "a" })).to.deep.equal(
      unchanged,
    );
  });

  it("notices that the provider's default tags have changed", async () => {
    await plugin.configure({ region: "us-east-1", defaultTags: '{"tags":{"team":"ml"}}' });
    const same = { name: "a", tags: {} };
    expect((await plugin.diff(LOG_GROUP, same, same, { ...same, tagsAll: {} })).detail).to.deep.equal({
      tagsAll: "UPDATE",
    });
    expect(await plugin.diff(LOG_GROUP, same, same, { ...same, tagsAll: { team: "ml" } })).to.deep.equal(unchanged);
  });

  it("finds no change in tags of an imported resource that the provider would put there anyway", async () => {
    await plugin.configure({ region: "us-east-1", defaultTags: '{"tags":{"team":"ml"}}' });
    const [read, wanted] = [
      { name: "a", tags: { cost: "1" } },
      { name: "a", tags: { cost: "1", team: "ml" } },
    ];
    const live = { ...read, tagsAll: { cost: "1", team: "ml" } };
    expect(await plugin.diff(LOG_GROUP, read, wanted, live)).to.deep.equal(unchanged);
    const other = { name: "a", tags: { cost: "1", team: "data" } };
    expect((await plugin.diff(LOG_GROUP, read, other, live)).detail).to.deep.equal({ "tags.team": "ADD" });
  });

  it("replaces what was created and did not come to a good end", async () => {
    const inputs = { name: "e", __defaults: [], endpointConfigName: "c" };
    const result = await plugin.diff("aws:sagemaker/endpoint:Endpoint", inputs, inputs, {
      ...inputs,
      __incomplete: true,
    });
    expect(result).to.deep.include({ some: true, replaces: ["__incomplete"], deleteBeforeReplace: true });
  });
});
