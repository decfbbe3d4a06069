import { APIGatewayClient, GetRestApisCommand } from "@aws-sdk/client-api-gateway";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { GetFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ListModelsCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { expect } from "chai";
import { LOCAL_ACCOUNT } from "../../core/account";
import { underTroubles } from "../../core/aws-trouble";
import { Faults, type FaultOf } from "../../core/faults";
import { httpServer, signedService } from "../../core/http";
import { clientConfig } from "../../core/local";
import { rejection } from "./support";

/** What the services of this test answer: nothing that any client takes for a fault. */
const REACHED = { status: 418, headers: {}, body: "" };

describe("AWS in trouble", () => {
  const faults = new Faults();
  let reached: (string | undefined)[];
  let lots: number[];
  /** Requests that came in, troubled or not. */
  let arrived: number;
  const answer = underTroubles(
    faults,
    async (request) => {
      reached.push(signedService(request));
      return REACHED;
    },
    () => lots.shift() ?? 0,
  );
  const server = httpServer(async (request) => {
    arrived += 1;
    return answer(request);
  });
  let endpoint: string;
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    endpoint = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  });
  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  beforeEach(() => {
    faults.clear();
    reached = [];
    lots = [];
    arrived = 0;
  });

  const settings = (maxAttempts = 1) => ({
    endpoint,
    region: LOCAL_ACCOUNT.region,
    credentials: LOCAL_ACCOUNT,
    maxAttempts,
  });
  /** One call of each protocol that the project's clients speak. */
  const calls: Readonly<Record<string, () => Promise<unknown>>> = {
    sagemaker: () => new SageMakerClient(settings()).send(new ListModelsCommand({})),
    monitoring: () => new CloudWatchClient(settings()).send(new DescribeAlarmsCommand({})),
    lambda: () => new LambdaClient(settings()).send(new GetFunctionCommand({ FunctionName: "f" })),
    apigateway: () => new APIGatewayClient(settings()).send(new GetRestApisCommand({})),
    iam: () => new IAMClient(settings()).send(new GetRoleCommand({ RoleName: "r" })),
    sns: () => new SNSClient(settings()).send(new PublishCommand({ TopicArn: "t", Message: "m" })),
    s3: () =>
      new S3Client({ ...settings(), forcePathStyle: true }).send(new GetObjectCommand({ Bucket: "b", Key: "k" })),
  };
  const told = async (trouble: FaultOf<"aws-trouble">["trouble"]) => {
    faults.set({ kind: "aws-trouble", trouble });
    const answers: Record<string, readonly [name: string, status: unknown]> = {};
    for (const [service, call] of Object.entries(calls)) {
      const error = await rejection(call());
      const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
      answers[service] = [error.name, $metadata?.httpStatusCode];
      expect(error.message).to.contain("(a fault was ordered: aws-trouble)");
    }
    expect(reached).to.deep.equal([]);
    return answers;
  };

  it("throttles, in the words of each protocol", async () => {
    expect(await told("throttling")).to.deep.equal({
      sagemaker: ["ThrottlingException", 400],
      monitoring: ["ThrottlingException", 400],
      lambda: ["TooManyRequestsException", 429],
      apigateway: ["TooManyRequestsException", 429],
      iam: ["Throttling", 400],
      sns: ["Throttling", 400],
      s3: ["SlowDown", 503],
    });
  });

  it("fails by itself, in the words of each protocol", async () => {
    const failure = ["InternalFailure", 500];
    expect(await told("server-errors")).to.deep.equal({
      sagemaker: failure,
      monitoring: failure,
      lambda: failure,
      apigateway: failure,
      iam: failure,
      sns: failure,
      s3: ["InternalError", 500],
    });
  });

  it("finds credentials expired, in the words of each protocol", async () => {
    const expired = ["ExpiredTokenException", 403];
    expect(await told("expired-credentials")).to.deep.equal({
      sagemaker: expired,
      monitoring: expired,
      lambda: expired,
      apigateway: expired,
      iam: ["ExpiredToken", 403],
      sns: ["ExpiredToken", 403],
      s3: ["ExpiredToken", 400],
    });
  });

  it("strikes one operation alone, if it is told to", async () => {
    faults.set({ kind: "aws-trouble", trouble: "throttling", services: ["sagemaker"], operation: "CreateModel" });
    await rejection(calls.sagemaker!());
    expect(reached).to.deep.equal(["sagemaker"]);

    faults.set({ kind: "aws-trouble", trouble: "throttling", services: ["sagemaker"], operation: "ListModels" });
    expect(await rejection(calls.sagemaker!())).to.include({ name: "ThrottlingException" });
    expect(reached).to.deep.equal(["sagemaker"]);
  });

  it("drops connections, half of them after the service has acted", async () => {
    faults.set({ kind: "aws-trouble", trouble: "dropped-connections" });
    for (const [lot, acted] of [
      [0.4, ["sagemaker"]],
      [0.6, []],
    ] as const) {
      reached = [];
      lots = [0, lot];
      const error = await rejection(calls.sagemaker!());
      expect(error).to.include({ code: "ECONNRESET" });
      expect(reached).to.deep.equal(acted);
    }
  });

  it("mixes what may pass, but not expired credentials", async () => {
    faults.set({ kind: "aws-trouble", trouble: "mixed" });
    const names: string[] = [];
    for (const lot of [0, 0.5, 0.99]) {
      lots = [0, lot, 0.9];
      names.push((await rejection(calls.sagemaker!())).name);
    }
    expect(names).to.deep.equal(["ThrottlingException", "InternalFailure", "TimeoutError"]);
  });

  it("strikes a share of the requests, to the services that are named", async () => {
    faults.set({ kind: "aws-trouble", trouble: "server-errors", share: 0.25, services: ["sagemaker"] });
    for (const lot of [0.3, 0.2, 0.25, 0.24]) {
      lots = [lot];
      await calls.sagemaker!().catch(() => undefined);
    }
    await calls.lambda!().catch(() => undefined);
    expect({ reached, arrived }).to.deep.equal({ reached: ["sagemaker", "sagemaker", "lambda"], arrived: 5 });
  });

  it("is outlasted by a client that tries again", async () => {
    faults.set({ kind: "aws-trouble", trouble: "mixed", share: 0.5 });
    lots = [0, 0, 0, 0.99, 0.9, 0.7];
    const client = new SageMakerClient(settings(3));
    await client.send(new ListModelsCommand({})).catch(() => undefined);
    expect({ reached, arrived }).to.deep.equal({ reached: ["sagemaker"], arrived: 3 });
  });

  it("leaves the data plane, what is not signed and the local AWS's own calls alone", async () => {
    faults.set({ kind: "aws-trouble", trouble: "server-errors" });
    const runtime = new SageMakerRuntimeClient(settings());
    await runtime.send(new InvokeEndpointCommand({ EndpointName: "e", Body: "1" })).catch(() => undefined);
    await fetch(`${endpoint}/_local/faults`);
    await fetch(`${endpoint}/_aws/execute-api/id/stage/path`, {
      headers: { authorization: "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/execute-api/aws4_request" },
    });
    expect(reached).to.deep.equal(["sagemaker", undefined, "execute-api"]);

    const own = { ...clientConfig({ account: LOCAL_ACCOUNT, endpoint }), maxAttempts: 1 };
    await new SageMakerClient(own).send(new ListModelsCommand({})).catch(() => undefined);
    await new S3Client(own).send(new GetObjectCommand({ Bucket: "b", Key: "k" })).catch(() => undefined);
    expect(reached.slice(3)).to.deep.equal(["sagemaker", "s3"]);
    expect((await rejection(calls.sagemaker!())).name).to.equal("InternalFailure");
  });
});
