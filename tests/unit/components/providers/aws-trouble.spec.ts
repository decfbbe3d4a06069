import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { GetFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ListModelsCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { expect } from "chai";
import { LOCAL_ACCOUNT } from "local-aws/core/account";
import { underTroubles } from "local-aws/core/aws-trouble";
import { Faults, type FaultOf } from "local-aws/core/faults";
import { httpServer } from "local-aws/core/http";
import { listen } from "local-aws/core/listen";
import { passes } from "../../../../components/providers/support/aws";

const TROUBLES: readonly FaultOf<"aws-trouble">["trouble"][] = [
  "throttling",
  "server-errors",
  "expired-credentials",
  "dropped-connections",
];

describe("trouble of AWS", () => {
  const faults = new Faults();
  const server = httpServer(underTroubles(faults, async () => ({ status: 418, headers: {}, body: "" })));
  let endpoint = "";
  before(async () => {
    endpoint = await listen(server, 0);
  });
  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const settings = () => ({ endpoint, region: LOCAL_ACCOUNT.region, credentials: LOCAL_ACCOUNT, maxAttempts: 1 });
  /** One call of each protocol. */
  const CALLS: Readonly<Record<string, () => Promise<unknown>>> = {
    "AWS JSON": () => new SageMakerClient(settings()).send(new ListModelsCommand({})),
    "Smithy RPC": () => new CloudWatchClient(settings()).send(new DescribeAlarmsCommand({})),
    "REST JSON": () => new LambdaClient(settings()).send(new GetFunctionCommand({ FunctionName: "f" })),
    "AWS query": () => new SNSClient(settings()).send(new PublishCommand({ TopicArn: "t", Message: "m" })),
    "REST XML": () =>
      new S3Client({ ...settings(), forcePathStyle: true }).send(new GetObjectCommand({ Bucket: "b", Key: "k" })),
  };

  for (const trouble of TROUBLES) {
    for (const [protocol, call] of Object.entries(CALLS)) {
      it(`passes: ${trouble} in ${protocol}`, async () => {
        faults.set({ kind: "aws-trouble", trouble });
        const error: unknown = await call().then(
          () => expect.fail("it went well"),
          (thrown: unknown) => thrown,
        );
        expect(passes(error)).to.equal(true);
      });
    }
  }
});

describe("an error that does not pass", () => {
  it("does not pass on a machine with a wrong clock either: an AccessDenied is told at once", async () => {
    const anHourAhead = new Date(Date.now() + 3_600_000).toUTCString();
    const denied = { __type: "AccessDeniedException", message: "not authorized" };
    const server = httpServer(async () => ({
      status: 400,
      headers: { "content-type": "application/x-amz-json-1.1", date: anHourAhead },
      body: JSON.stringify(denied),
    }));
    const endpoint = await listen(server, 0);
    try {
      const { region } = LOCAL_ACCOUNT;
      const client = new SageMakerClient({ endpoint, region, credentials: LOCAL_ACCOUNT, maxAttempts: 1 });
      const error = await client.send(new ListModelsCommand({})).catch((thrown: unknown) => thrown);
      expect(error).to.have.nested.property("$metadata.clockSkewCorrected", true);
      expect(passes(error)).to.equal(false);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
