import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  APIGatewayClient,
  CreateApiKeyCommand,
  CreateUsagePlanCommand,
  CreateUsagePlanKeyCommand,
  UpdateRestApiCommand,
  type PutMethodCommandInput,
} from "@aws-sdk/client-api-gateway";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  SageMakerClient,
  waitUntilEndpointInService,
} from "@aws-sdk/client-sagemaker";
import { startLocalAws, type LocalAws } from "local-aws";
import { clientConfig } from "local-aws/core/local";
import { openRole } from "local-aws/testing/role";
import { createApi, permit, type TestApi } from "local-aws/tests/apigateway/support";
import { createFunction } from "local-aws/tests/lambda/support";
import { testPython } from "pulumi-engine/testing/python";
import { call, type Called } from "./call";

const ROOT = resolve(__dirname, "../..");
const API = "mlops-nyctaxi-api";

/** A container that predicts a fare of twice the first column, and fails where that is above 100. */
const SERVE = `
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self): self.answer(200, "")
    def do_POST(self):
        rows = self.rfile.read(int(self.headers["Content-Length"])).decode().split("\\n")
        values = [2 * float(row.split(",")[0]) for row in rows]
        self.answer(500, "too far") if max(values) > 100 else self.answer(200, "\\n".join(map(str, values)))
    def answer(self, status, text):
        self.send_response(status)
        self.send_header("Content-Type", "text/csv")
        self.end_headers()
        self.wfile.write(text.encode())
    def log_message(self, *args): pass

HTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
`;

/** The same as the function behind the API, which tells the endpoint as `predict` does. */
const PREDICT = `
exports.handler = async ({ body }) => {
  const values = body.split("\\n").map((row) => 2 * Number(row.split(",")[0]));
  const headers = { "X-SageMaker-Endpoint": "mlops-nyctaxi-prd-r1", "Content-Type": "text/csv" };
  return Math.max(...values) > 100
    ? { statusCode: 502, headers, body: "too far" }
    : { statusCode: 200, headers, body: values.join("\\n") };
};`;

/** An account in which the project's model has data, an endpoint of dev and an API, as far as commands see them. */
export class ModelAccount {
  private constructor(
    readonly aws: LocalAws,
    /** For files. */
    readonly folder: string,
    readonly bucket: string,
    readonly api: TestApi,
  ) {}

  static async start(): Promise<ModelAccount> {
    const folder = await mkdtemp(join(tmpdir(), "safe deploy "));
    await writeFile(join(folder, "serve.py"), SERVE);
    const aws = await startLocalAws({ python: testPython(), speed: 6000, images: { fares: folder } });
    const { region, accountId } = aws.account;
    const bucket = `sagemaker-${region}-${accountId}`;
    await new S3Client(clientConfig(aws)).send(new CreateBucketCommand({ Bucket: bucket }));
    const role = await openRole(aws, "function");
    await createFunction(new LambdaClient(clientConfig(aws)), PREDICT, { FunctionName: "predict" });
    const [api] = await Promise.all([makeApi(aws, API, { authorizationType: "AWS_IAM" }), makeEndpoint(aws, role)]);
    return new ModelAccount(aws, folder, bucket, api);
  }

  /** Calls a command of the project. */
  run(...args: readonly string[]): Promise<Called> {
    const { environment } = this.aws;
    const project = ["--project", ROOT, "--region", this.aws.account.region];
    return call([...project, ...args], { env: { ...environment, SAFE_DEPLOY_PYTHON: testPython() } });
  }

  /** Its JSON. */
  async json<T>(...args: readonly string[]): Promise<T> {
    const { stdout, stderr } = await this.run("--json", ...args);
    if (stdout === "") {
      throw new Error(stderr);
    }
    return JSON.parse(stdout) as T;
  }

  /** Makes an API that asks for a key, and returns the key. */
  async makeApiWithKey(name: string): Promise<string> {
    const client = new APIGatewayClient(clientConfig(this.aws));
    const { id: apiId, stage } = await makeApi(this.aws, name, { apiKeyRequired: true });
    const key = await client.send(new CreateApiKeyCommand({ name, enabled: true }));
    const plan = await client.send(new CreateUsagePlanCommand({ name, apiStages: [{ apiId, stage }] }));
    await client.send(new CreateUsagePlanKeyCommand({ usagePlanId: plan.id, keyId: key.id, keyType: "API_KEY" }));
    return key.value ?? "";
  }

  async close(): Promise<void> {
    await this.aws.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function makeApi(aws: LocalAws, name: string, method: Partial<PutMethodCommandInput>): Promise<TestApi> {
  const client = new APIGatewayClient(clientConfig(aws));
  const api = await createApi({ client, endpoint: aws.endpoint }, "predict", method);
  const patchOperations = [{ op: "replace" as const, path: "/name", value: name }];
  await client.send(new UpdateRestApiCommand({ restApiId: api.id, patchOperations }));
  await permit({ functions: new LambdaClient(clientConfig(aws)) }, api.id, "predict");
  return api;
}

async function makeEndpoint(aws: LocalAws, ExecutionRoleArn: string): Promise<void> {
  const client = new SageMakerClient(clientConfig(aws));
  const [EndpointName, name] = ["mlops-nyctaxi-dev-r1", "fares"];
  const Image = `${aws.account.accountId}.dkr.ecr.us-east-1.amazonaws.com/fares:1`;
  await client.send(new CreateModelCommand({ ModelName: name, ExecutionRoleArn, PrimaryContainer: { Image } }));
  const variant = {
    VariantName: "one",
    ModelName: name,
    InstanceType: "ml.t2.medium",
    InitialInstanceCount: 1,
  } as const;
  await client.send(new CreateEndpointConfigCommand({ EndpointConfigName: name, ProductionVariants: [variant] }));
  await client.send(new CreateEndpointCommand({ EndpointName, EndpointConfigName: name }));
  await waitUntilEndpointInService({ client, maxWaitTime: 20, minDelay: 0.05, maxDelay: 0.2 }, { EndpointName });
}
