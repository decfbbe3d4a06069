import { expect } from "chai";
import { SafeModel } from "../../../components/safe-model";
import type { SafeModelArgs } from "../../../components/safe-model/arguments";
import { record, valueOf } from "../../support/recorder";

const ENDPOINT = "aws:sagemaker/endpoint:Endpoint";
const MODEL = "aws:sagemaker/model:Model";
const CONFIG = "aws:sagemaker/endpointConfiguration:EndpointConfiguration";
const TARGET = "aws:appautoscaling/target:Target";
const FUNCTION = "aws:lambda/function:Function";
const ROLLOUT = "pulumi-nodejs:dynamic/sagemaker-safe-deploy:LambdaRollout";

const args: SafeModelArgs = {
  release: "r2",
  model: "s3://data/churn/r2/model.tar.gz",
  image: "123456789012.dkr.ecr.us-east-1.amazonaws.com/churn:1",
  serve: { instanceType: "ml.m5.large", minInstances: 1, maxInstances: 3 },
  check: { requests: ["1,2", "3,4"], accept: { type: "number", minimum: 0, maximum: 1 } },
};

const problemsOf = async (wrong: object): Promise<string[]> =>
  record(() => new SafeModel("churn", { ...args, ...wrong })).then(
    () => [],
    (error: unknown) => (error as Error).message.split("; "),
  );

describe("SafeModel", () => {
  it("gives the release an endpoint of its own, whose resource and name have the release in them", async () => {
    const { find, made } = await record(() => new SafeModel("churn", args));

    expect(made.filter(({ type }) => type === ENDPOINT).map(({ name }) => name)).to.deep.equal(["churn-r2"]);
    expect(find(ENDPOINT).inputs.name).to.equal("churn-r2");
    expect(find(MODEL).inputs.primaryContainer).to.deep.include({ image: args.image, modelDataUrl: args.model });
    // Nothing is kept warm, so the endpoint is never scaled down to be so.
    expect(find(TARGET).inputs).to.deep.include({ minCapacity: 1, maxCapacity: 3 });
  });

  it("puts an API in front of it that rolls the release out", async () => {
    const { find, result } = await record(() => new SafeModel("churn", args));

    const { variables } = find(FUNCTION, "churn-api").inputs.environment as { readonly variables: object };
    expect(variables).to.deep.include({ ENDPOINT_NAME: "churn-r2", RELEASE: "r2" });
    expect(find(ROLLOUT).inputs).to.deep.include({
      release: "r2",
      functionName: "churn",
      probe: { rows: ["1,2", "3,4"], perSecond: 2 },
    });
    expect(await valueOf(result.liveRelease)).to.equal("r1");
    expect(await valueOf(result.aliasArn)).to.equal("arn:alias");
    expect(result.nodes).to.have.all.keys("endpoint", "api", "keptEndpoints");
  });

  it("captures to one place and looks for captures there, or does neither", async () => {
    const capture = { destinationUri: "s3://data/churn/captures", samplingPercentage: 50 };
    const with_ = await record(() => new SafeModel("churn", { ...args, capture }));
    const without = await record(() => new SafeModel("churn", args));

    expect(with_.find(CONFIG).inputs.dataCaptureConfig).to.deep.include({
      destinationS3Uri: "s3://data/churn/captures",
      initialSamplingPercentage: 50,
    });
    expect(with_.find(ROLLOUT).inputs.postTrafficHook).to.equal("CodeDeployHook_churn-post-traffic");
    expect(without.find(CONFIG).inputs).not.to.have.any.keys("dataCaptureConfig");
    expect(without.find(ROLLOUT).inputs).not.to.have.any.keys("postTrafficHook");
  });

  it("keeps earlier releases, each with what it consists of, and goes back to a warm one at once", async () => {
    const keptReleases = { r1: { model: "s3://data/churn/r1/model.tar.gz", image: "churn:old" } };
    const { find, result } = await record(
      () => new SafeModel("churn", { ...args, keptReleases, warmReleases: ["r1", "r2"] }),
    );

    expect(find(ENDPOINT, "-r1").inputs.name).to.equal("churn-r1");
    expect(find(MODEL, "r1-model").inputs.primaryContainer).to.deep.include({
      image: "churn:old",
      modelDataUrl: keptReleases.r1.model,
    });
    expect(find(TARGET, "r1-target").inputs).to.deep.include({ minCapacity: 1, maxCapacity: 1 });
    expect(find(TARGET, "r2-target").inputs).to.deep.include({ minCapacity: 1, maxCapacity: 3 });
    expect(find(ROLLOUT).inputs.standbyReleases).to.deep.equal(["r1", "r2"]);
    expect(await valueOf(result.keptReleases)).to.deep.equal(["r1"]);
  });

  it("makes no API where the function is called directly", async () => {
    const { made } = await record(() => new SafeModel("churn", { ...args, front: "none" }));

    expect(made.filter(({ type }) => type.startsWith("aws:apigateway/"))).to.be.empty;
  });

  it("hands on names, knobs, the function's size and a program's changes", async () => {
    const { find } = await record(
      () =>
        new SafeModel("churn", {
          ...args,
          apiName: "churn-api",
          endpointPrefix: "churn-prd-",
          variantName: "prd",
          rollout: { bakeSeconds: 60, strategy: { type: "allAtOnce" } },
          function: { memorySize: 2048 },
          transform: {
            endpoint: (endpoint) => {
              endpoint.enableNetworkIsolation = true;
            },
            api: { apiName: "churn-front" },
          },
        }),
    );

    expect(find(ENDPOINT).inputs.name).to.equal("churn-prd-r2");
    expect(find(MODEL).inputs.enableNetworkIsolation).to.equal(true);
    expect(find(FUNCTION, "churn-api").inputs).to.deep.include({ name: "churn-front", memorySize: 2048 });
    expect(find(ROLLOUT).inputs).to.deep.include({ bakeSeconds: 60, trafficShift: "all at once" });
  });

  it("refuses what cannot be before it creates anything, all of it at once, in its own words", async () => {
    expect(
      await problemsOf({
        release: "R2",
        models: "s3://data",
        model: "data",
        serve: { instanceType: "ml.m5.large", minInstances: 0, minInstance: 1 },
        rollout: { bakeSeconds: -1 },
        function: { memorySize: 1 },
        front: { auth: "apikey" },
        keptReleases: { R2: {}, r1: { modelDataUrl: "s3://data/r1" } },
      }),
    ).to.have.members([
      "models is not an argument: did you mean model?",
      'model must be s3://bucket/key, got "data"',
      "serve.minInstance is not an argument: did you mean minInstances?",
      "serve.minInstances must be a whole number of 1 or more, got 0",
      "serve.maxInstances must be a whole number of 1 or more, got 0",
      "keptReleases.r1.modelDataUrl is not an argument: there are model, image, environment, serve, tags",
      'keptReleases must not name the release that is to be live, got "R2"',
      'release must be lower-case letters, digits and inner hyphens, got "R2"',
      "function.memorySize must be a whole number from 128 to 10240, got 1",
      'front.auth must be "iam" or "apiKey" or "none", got "apikey"',
      "rollout.bakeSeconds must be 0 or more, got -1",
    ]);
  });

  it("refuses an endpoint's name that would be too long, with the name", async () => {
    const [problem] = await problemsOf({ release: "r".repeat(60) });

    expect(problem).to.match(/^endpointName must be 1 to 63 .*, got "churn-r+"$/);
  });
});
