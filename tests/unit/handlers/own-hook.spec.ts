import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { mockClient, type AwsClientStub } from "aws-sdk-client-mock";
import { expect } from "chai";
import { handler as postTraffic } from "../../../handlers/post-traffic";
import { ENDPOINT, hookCaller } from "./hook-fixture";
import { environment } from "./lambda";

describe("a hook of one's own", () => {
  const { verdictOf } = hookCaller();
  environment({ OWN_HOOK: "smoke", RELEASE: "r2", DATA_CAPTURE_URI: undefined });
  let lambda: AwsClientStub<LambdaClient>;
  let s3: AwsClientStub<S3Client>;
  const answers = (payload: string, FunctionError?: string) =>
    lambda.on(InvokeCommand).resolves({ Payload: Buffer.from(payload) as never, FunctionError });
  // Not before this suite runs: all others would meet them.
  before(() => {
    lambda = mockClient(LambdaClient);
    s3 = mockClient(S3Client);
  });
  beforeEach(() => {
    lambda.reset();
    s3.reset();
  });
  after(() => {
    lambda.restore();
    s3.restore();
  });

  it("is asked about the release, and its consent is reported", async () => {
    answers('{"status":"Succeeded","reason":"drift is low"}');

    expect(await verdictOf(postTraffic)).to.deep.equal({ status: "Succeeded", reason: "hook smoke: drift is low" });

    const { FunctionName, Payload } = lambda.commandCalls(InvokeCommand)[0]!.args[0].input;
    expect([FunctionName, JSON.parse(Payload as string)]).to.deep.equal([
      "smoke",
      { release: "r2", endpointName: ENDPOINT },
    ]);
  });

  it("is asked after the built check, and not if that fails", async () => {
    Object.assign(process.env, {
      DATA_CAPTURE_URI: "s3://data/m",
      VARIANT_NAME: "all",
      CAPTURE_WAIT_SECONDS: "0",
      CAPTURE_POLL_SECONDS: "0",
    });
    answers('{"status":"Succeeded","reason":"fine"}');
    s3.on(ListObjectsV2Command).resolves({});
    expect((await verdictOf(postTraffic)).reason).to.match(/^no captured traffic/);
    expect(lambda.commandCalls(InvokeCommand)).to.deep.equal([]);
  });

  for (const [what, arrange, reason] of [
    ["says no", () => answers('{"status":"Failed","reason":"too slow"}'), "hook smoke: too slow"],
    ["fails", () => answers('{"errorMessage":"boom"}', "Unhandled"), "hook smoke failed: boom"],
    [
      "gives no verdict",
      () => answers('{"ok":true}'),
      'hook smoke gave no verdict: it must answer {"status":"Succeeded" or "Failed","reason":"…"}',
    ],
    [
      "is not there",
      () => lambda.on(InvokeCommand).rejects(new Error("Function not found: smoke")),
      "Function not found: smoke",
    ],
  ] as const) {
    it(`stops the release where it ${what}`, async () => {
      arrange();
      expect(await verdictOf(postTraffic)).to.deep.equal({ status: "Failed", reason });
    });
  }
});
