import {
  CreateTrainingJobCommand,
  CreateTrialCommand,
  DeleteTrialCommand,
  DescribeTrialCommand,
  ListTrialsCommand,
  SageMakerClient,
  type CreateTrainingJobCommandInput,
  type ListTrialsCommandInput,
} from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { AwsError } from "../../core/aws-error";
import type { HttpRequest } from "../../core/http";
import { jsonRpcService } from "../../core/json-rpc";
import { operation } from "../../core/operation";
import { serve, type Served } from "../../testing/serve";
import { rejection, silenced } from "./support";

const CREATED = new Date("2026-01-02T03:04:05.678Z");

describe("a service that speaks AWS JSON", () => {
  const received: unknown[] = [];
  const service = jsonRpcService(
    "SageMaker",
    [
      operation(CreateTrainingJobCommand, (input) => {
        received.push(input);
        return { TrainingJobArn: "arn" };
      }),
      operation(ListTrialsCommand, (input) => {
        received.push(input);
        return { TrialSummaries: [{ TrialName: "a", CreationTime: CREATED, DisplayName: undefined }] };
      }),
      operation(DescribeTrialCommand, ({ TrialName }) => {
        if (TrialName === "defect") {
          throw new TypeError("undefined is not a function");
        }
        throw new AwsError("ResourceNotFound", `no trial ${TrialName}`, 404, { TrialArn: "arn:of:it" });
      }),
      operation(DeleteTrialCommand, () => ({ TrialArn: undefined })),
    ],
    {
      violations: (name, input) =>
        name === "ListTrials" && typeof input === "object" && input !== null && "MaxResults" in input
          ? ["Value '1000' at 'maxResults' failed to satisfy constraint: so they say"]
          : [],
    },
  );
  let served: Served;
  let client: SageMakerClient;

  before(async () => {
    served = await serve(service);
    client = new SageMakerClient(served.client);
  });
  after(() => served.close());
  beforeEach(() => received.splice(0));

  const list = (input: ListTrialsCommandInput = {}) => client.send(new ListTrialsCommand(input));
  const raw = async (target: string | undefined, body: string) => {
    const request: HttpRequest = {
      method: "POST",
      path: "/",
      query: new URLSearchParams(),
      headers: {
        "content-type": "application/x-amz-json-1.1",
        ...(target === undefined ? {} : { "x-amz-target": target }),
      },
      body: Buffer.from(body),
    };
    const response = await service.handle(request);
    return { ...response, body: Buffer.from(response.body).toString("utf8") };
  };

  it("reads dates of a request and writes those of an answer", async () => {
    const { TrialSummaries } = await list({ CreatedAfter: CREATED });

    expect(received).to.deep.equal([{ CreatedAfter: CREATED }]);
    expect(TrialSummaries).to.deep.equal([{ TrialName: "a", CreationTime: CREATED }]);
  });

  it("writes dates as seconds since 1970, in the content type of the request", async () => {
    const { status, headers, body } = await raw("SageMaker.ListTrials", "{}");

    expect({ status, body }).to.deep.equal({
      status: 200,
      body: '{"TrialSummaries":[{"TrialName":"a","CreationTime":1767323045.678}]}',
    });
    expect(headers["content-type"]).to.equal("application/x-amz-json-1.1");
  });

  it("takes an empty body as no input, and answers an empty structure for no output", async () => {
    expect((await raw("SageMaker.ListTrials", "")).status).to.equal(200);
    expect((await raw("SageMaker.DeleteTrial", '{"TrialName":"a"}')).body).to.equal("{}");
  });

  it("tells every required member that is missing, at any depth, at once", async () => {
    // The client checks nothing; its types are circumvented as JavaScript does.
    const input = {
      TrainingJobName: "job",
      RoleArn: "arn:aws:iam::123456789012:role/training",
      AlgorithmSpecification: {},
      InputDataConfig: [
        { ChannelName: "train", DataSource: {} },
        { DataSource: { S3DataSource: { S3DataType: "S3Prefix" } } },
      ],
      OutputDataConfig: { S3OutputPath: "s3://bucket" },
    } as unknown as CreateTrainingJobCommandInput;

    const error = await rejection(client.send(new CreateTrainingJobCommand(input)));

    const missing = (at: string) => `Value at '${at}' failed to satisfy constraint: Member must not be null`;
    expect(error).to.include({
      name: "ValidationException",
      message: `3 validation errors detected: ${[
        "algorithmSpecification.trainingInputMode",
        "inputDataConfig.2.member.channelName",
        "inputDataConfig.2.member.dataSource.s3DataSource.s3Uri",
      ]
        .map(missing)
        .join("; ")}`,
    });
    expect(received).to.deep.equal([]);
  });

  it("refuses what the service's model forbids, in the model's words", async () => {
    const error = await rejection(list({ MaxResults: 1000 }));

    expect(error).to.include({
      name: "ValidationException",
      message: "1 validation error detected: Value '1000' at 'maxResults' failed to satisfy constraint: so they say",
    });
    expect(received).to.deep.equal([]);
  });

  it("answers an error by its code and status, with the further members of its shape", async () => {
    const error = await rejection(client.send(new DescribeTrialCommand({ TrialName: "x" })));
    expect(error).to.include({ name: "ResourceNotFound", message: "no trial x" });

    const { status, headers, body } = await raw("SageMaker.DescribeTrial", '{"TrialName":"x"}');
    expect(status).to.equal(404);
    expect(headers["x-amzn-errortype"]).to.equal("ResourceNotFound");
    expect(JSON.parse(body)).to.deep.equal({
      __type: "ResourceNotFound",
      message: "no trial x",
      Message: "no trial x",
      TrialArn: "arn:of:it",
    });
  });

  it("names an operation that it does not have", async () => {
    const error = await rejection(client.send(new CreateTrialCommand({ TrialName: "a", ExperimentName: "b" })));

    expect(error).to.include({
      name: "NotImplemented",
      message: "NotImplemented: SageMaker.CreateTrial is not part of the local AWS",
    });
    expect(error).to.have.nested.property("$metadata.httpStatusCode", 501);
  });

  it("says what it speaks where no operation is named", async () => {
    const { status, body } = await raw(undefined, "{}");

    expect(status).to.equal(404);
    expect(JSON.parse(body)).to.include({
      __type: "UnknownOperationException",
      message: "the local AWS speaks AWS JSON for SageMaker: header X-Amz-Target is missing",
    });
  });

  it("blames the request for a body that cannot be read", async () => {
    for (const body of ["{", "[1]", '"text"', "null"]) {
      const { status, headers } = await raw("SageMaker.ListTrials", body);
      expect({ body, status, code: headers["x-amzn-errortype"] }).to.deep.equal({
        body,
        status: 400,
        code: "SerializationException",
      });
    }
    expect(received).to.deep.equal([]);
  });

  it("answers a defect of its own as InternalFailure, and prints it", async () => {
    const { result: error, printed } = await silenced(() =>
      rejection(client.send(new DescribeTrialCommand({ TrialName: "defect" }))),
    );

    expect(error.name).to.equal("InternalFailure");
    expect(error.message).to.match(/^defect in the local AWS: TypeError: undefined is not a function\n +at /);
    expect(error).to.have.nested.property("$metadata.httpStatusCode", 500);
    expect(printed).to.have.length(1);
    expect(printed[0]).to.match(/^local AWS: TypeError: undefined is not a function\n +at /);
  });
});
