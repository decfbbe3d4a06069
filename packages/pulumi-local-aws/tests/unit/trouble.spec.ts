import { expect } from "chai";
import { httpServer, type HttpResponse } from "local-aws/core/http";
import { AwsError } from "local-aws/core/aws-error";
import { errorResponse } from "local-aws/core/json-rpc";
import { type CallFailed, type Plugin, awsEnvironment, startPlugin, withEnvironment } from "./plugin";
import { fakeLogs } from "./fakes";

const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";

const JSON_TYPE = "application/x-amz-json-1.1";

/** What becomes of a request: its service answers, or something else happens before or after that. */
type Trouble = "throttled" | "error" | "dropped before" | "dropped after";

describe("the provider plugin outlasts a bad time of AWS", () => {
  const groups: Parameters<typeof fakeLogs>[0] = new Map();
  const logs = fakeLogs(groups);
  let troubles: Trouble[] = [];
  let seen: string[] = [];
  const server = httpServer(async (request): Promise<HttpResponse | undefined> => {
    seen.push(request.headers["x-amz-target"]?.split(".").at(-1) ?? "");
    switch (troubles.shift()) {
      case "throttled":
        return errorResponse(new AwsError("ThrottlingException", "Rate exceeded"), JSON_TYPE);
      case "error":
        return errorResponse(new AwsError("InternalFailure", "We encountered an internal error.", 500), JSON_TYPE);
      case "dropped before":
        return undefined;
      case "dropped after":
        await logs.handle(request);
        return undefined;
      case undefined:
        return logs.handle(request);
    }
  });
  let plugin: Plugin;
  let restore: () => void;

  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    restore = withEnvironment(awsEnvironment(`http://127.0.0.1:${typeof address === "object" ? address!.port : 0}`));
    plugin = await startPlugin();
  });
  after(async () => {
    plugin.close();
    restore();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  beforeEach(() => {
    groups.clear();
    troubles = [];
    seen = [];
  });

  const inputs = { name: "app", retentionInDays: 7, tags: { stage: "prod" }, __defaults: [] };

  it("in which it is throttled, meets errors and loses connections", async () => {
    troubles = ["throttled", "error", "dropped before", "throttled", "error", "dropped before"];
    expect((await plugin.create(LOG_GROUP, inputs)).id).to.equal("app");
    expect(seen.filter((operation) => operation === "CreateLogGroup")).to.have.length(7);
  });

  it("and takes for made what an earlier attempt has made, whose answer was lost", async () => {
    troubles = ["dropped after"];
    const { id, outputs } = await plugin.create(LOG_GROUP, inputs);
    expect([id, outputs.retentionInDays]).to.deep.equal(["app", 7]);
    expect(groups.get("app")).to.deep.equal({ retentionInDays: 7, tags: { stage: "prod" } });
  });

  it("but not what is somebody else's", async () => {
    const others: Parameters<typeof groups.set>[1][] = [
      { tags: { stage: "prod", owner: "else" } },
      { tags: { stage: "prod" }, retentionInDays: 30 },
    ];
    for (const foreign of others) {
      groups.set("app", foreign);
      troubles = ["dropped before"];
      const error = (await plugin.create(LOG_GROUP, inputs).catch((failed: unknown) => failed)) as CallFailed;
      expect(error.message).to.contain("ResourceAlreadyExistsException");
    }
  });

  it("and deletes what an earlier attempt has deleted already", async () => {
    await plugin.create(LOG_GROUP, inputs);
    troubles = ["dropped after"];
    await plugin.delete(LOG_GROUP, "app", inputs);
    expect(groups.size).to.equal(0);
  });

  it("does not ask again what was refused", async () => {
    groups.set("app", { tags: inputs.tags });
    const error = (await plugin.create(LOG_GROUP, inputs).catch((failed: unknown) => failed)) as CallFailed;
    expect(error.message).to.contain("ResourceAlreadyExistsException");
    expect(seen).to.deep.equal(["CreateLogGroup"]);
  });
});
