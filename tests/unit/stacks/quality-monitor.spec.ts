import { join } from "node:path";
import { expect } from "chai";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../../lib/config";
import { readModel } from "../../../lib/model";
import { qualityMonitor } from "../../../stacks/quality-monitor";
import { record } from "../../support/recorder";

const ROOT = join(__dirname, "../../..");
const TAXIS = readModel(join(ROOT, "model"));
const CHURN = readModel(join(ROOT, "examples/churn"));
type Settings = StackConfig<"prod">["qualityMonitor"];

/** What the function of a model's monitor is told; `undefined` if there is none. */
async function told(model: typeof TAXIS, settings: Settings) {
  const config = { model: model.name, qualityMonitor: settings } as StackConfig<"prod">;
  const { made } = await record(() => {
    const after = new pulumi.ComponentResource("test:index:Release", "release");
    return { monitor: qualityMonitor(config, model, "data", after) };
  });
  const found = made.find(({ type }) => type === "aws:lambda/function:Function");
  const { variables } = (found?.inputs.environment ?? {}) as { variables?: { QUALITY_SETTINGS: string } };
  return variables && (JSON.parse(variables.QUALITY_SETTINGS) as Record<string, unknown>);
}

describe("the monitor for quality of stack prod", () => {
  it("is held against what its release's training told, by the metric of the quality gate", async () => {
    expect(await told(TAXIS, {})).to.deep.include({
      training: { jobName: "mlops-nyctaxi-{release}", metricName: "validation:rmse", factor: 1.25, isError: true },
    });
    expect(await told(CHURN, { factor: 2 })).to.deep.include({
      training: { jobName: "mlops-churn-{release}", metricName: "validation:auc", factor: 2, isError: false },
    });
  });

  it("is held against a limit of one's own", async () => {
    expect(await told(CHURN, { measure: "brier", limit: 0.2 })).not.to.have.property("training");
  });

  it("is refused without a limit, where the training tells another measure", async () => {
    const error = await told(CHURN, { measure: "brier" }).catch((reason: unknown) => reason);
    expect(error)
      .to.be.an("error")
      .with.property("message")
      .that.includes(
        "qualityMonitor.limit must be given, since brier is watched and the training tells validation:auc",
      );
  });

  it("is not there if the config says so", async () => {
    expect(await told(TAXIS, false)).to.equal(undefined);
  });
});
