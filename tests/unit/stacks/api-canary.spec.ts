import { join } from "node:path";
import { expect } from "chai";
import { configSchemas, parseConfig } from "../../../lib/config";
import { readModel } from "../../../lib/model";
import { prod } from "../../../stacks/prod";

const MODEL = readModel(join(__dirname, "../../../model"));

describe("the canary of stack prod", () => {
  it("is refused where an older pipeline deploys, which has no place for its artifacts", async () => {
    const values = {
      release: "r1",
      bucket: "models",
      instanceType: "ml.m5.large",
      canary: "{}",
      permissionsBoundaryArn: "arn:aws:iam::123456789012:policy/boundary",
    };
    const config = { ...parseConfig(configSchemas.prod, values), model: "nyctaxi" };
    const refusal: unknown = await prod(config, MODEL).catch((error: unknown) => error);
    expect(refusal)
      .to.have.property("message")
      .that.contains("canary: the pipeline has no place for its artifacts yet");
  });
});
