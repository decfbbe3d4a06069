import { DescribeTrainingJobCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { mockClient, type AwsClientStub } from "aws-sdk-client-mock";
import { expect } from "chai";
import { gateIn, metricsText, trainingMetrics, type Gate } from "../../../pipeline/metrics";

const live = (metrics: Record<string, number>) => ({ release: "r1", metrics });

const RMSE = { metricName: "validation:rmse", maximum: 10 };
const AUC = { metricName: "validation:auc", minimum: 0.8 };

describe("a model's metrics next to the live one's", () => {
  it("tells by how much they differ, that of the gate and those of the validation first", () => {
    expect(
      metricsText(
        { "train:rmse": 2.5, "validation:rmse": 2.71 },
        live({ "validation:rmse": 2.74, "train:rmse": 2.5 }),
        RMSE,
      ),
    ).to.equal(
      "validation:rmse 2.71, at most 10 (live 2.74, 1.1 % lower: better) | train:rmse 2.5 (live 2.5, the same) | live is r1",
    );
    expect(
      metricsText(
        { "validation:error": 0.1, "train:auc": 0.99, "validation:auc": 0.91 },
        live({ "validation:auc": 0.9 }),
        AUC,
      ),
    ).to.equal(
      "validation:auc 0.91, at least 0.8 (live 0.9, 1.1 % higher: better) | validation:error 0.1 (live has none) | " +
        "train:auc 0.99 (live has none) | live is r1",
    );
    expect(metricsText({ auc: 0.9 }, live({ auc: 0.4 }), RMSE)).to.equal(
      "auc 0.9 (live 0.4, 125 % higher) | live is r1",
    );
    expect(metricsText({ auc: 0.90001 }, live({ auc: 0.9 }), RMSE)).to.contain(
      "0.9 (live 0.9, less than 0.1 % higher)",
    );
  });

  it("knows by the gate which way is worse, and by a gate with two sides neither", () => {
    const worse = (own: number, before: number, gate: Gate) => metricsText({ m: own }, live({ m: before }), gate);

    expect(worse(3, 2, { metricName: "m", maximum: 10 })).to.contain("(live 2, 50 % higher: worse)");
    expect(worse(2, 4, { metricName: "m", minimum: 1 })).to.contain("(live 4, 50 % lower: worse)");
    expect(worse(2, 4, { metricName: "m", minimum: 1, maximum: 5 })).to.contain(
      "m 2, at least 1, at most 5 (live 4, 50 % lower)",
    );
    expect(worse(2, 2, { metricName: "m", minimum: 1 })).to.contain("(live 2, the same)");
  });

  it("says where no release is live", () => {
    expect(metricsText({ "validation:rmse": 2.7100001 }, undefined, RMSE)).to.equal(
      "validation:rmse 2.71, at most 10 | no release is live yet",
    );
  });

  it("says what only one of them has, and no share of nothing", () => {
    expect(metricsText({ a: 1, c: 1 }, live({ b: 2, c: 0 }), RMSE)).to.equal(
      "a 1 (live has none) | c 1 (live 0) | b not reported (live 2) | live is r1",
    );
    expect(metricsText({}, undefined, RMSE)).to.equal("training reported no metrics | no release is live yet");
  });

  it("keeps to the limit by whole metrics, and counts those that are left out", () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`validation:metric${index}`, index]));
    const text = metricsText(many, undefined, RMSE);

    expect(text.length).to.be.within(270, 300);
    expect(text).to.match(/^validation:metric0 0 \| .* \| \d+ more \| no release is live yet$/);
    expect(text.match(/validation:/g)?.length).to.equal(20 - Number(/(\d+) more/.exec(text)?.[1]));
    expect(text).not.to.contain("\n");
  });
});

describe("the gate of stack train", () => {
  it("is what the stack has judged by", () => {
    expect(gateIn({ qualityGate: { value: AUC, secret: false } })).to.deep.equal(AUC);
  });
});

describe("a training job's metrics", () => {
  let aws: AwsClientStub<SageMakerClient>;
  beforeEach(() => (aws = mockClient(SageMakerClient)));
  afterEach(() => aws.restore());
  const answered = (name: string, message: string) => Object.assign(new Error(message), { name });

  it("are its last ones", async () => {
    aws.on(DescribeTrainingJobCommand, { TrainingJobName: "job-r2" }).resolves({
      FinalMetricDataList: [{ MetricName: "validation:rmse", Value: 2.5 }, { MetricName: "validation:mae" }],
    });

    expect(await trainingMetrics(new SageMakerClient(), "job-r2")).to.deep.equal({ "validation:rmse": 2.5 });
  });

  it("are none where there is no such job", async () => {
    aws.on(DescribeTrainingJobCommand).rejects(answered("ValidationException", "Requested resource not found."));

    expect(await trainingMetrics(new SageMakerClient(), "job-r2")).to.deep.equal({});
  });

  it("are not made up where AWS does not tell", async () => {
    aws.on(DescribeTrainingJobCommand).rejects(answered("AccessDeniedException", "not authorized"));

    const failure = await trainingMetrics(new SageMakerClient(), "job-r2").catch((error: unknown) => error);
    expect(failure).to.have.property("message", "not authorized");
  });
});
