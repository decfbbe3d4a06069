import { join } from "node:path";
import { expect } from "chai";
import { DriftMonitor } from "../../../components/drift-monitor";
import { SafeModel } from "../../../components/safe-model";
import type { StackConfig } from "../../../lib/config";
import { readModel } from "../../../lib/model";
import { dashboard } from "../../../stacks/dashboard";
import { record } from "../../support/recorder";

const ROOT = join(__dirname, "../../..");
const CHURN = readModel(join(ROOT, "examples/churn"));

/** The dashboard of model `churn` in a stack `test` of kind `prod`; `undefined` if there is none. */
async function bodyIn(settings: Partial<StackConfig<"prod">>) {
  const config = { model: "churn", driftMonitor: false, dashboard: true, ...settings } as StackConfig<"prod">;
  const { made } = await record(() => {
    const live = new SafeModel("prod", {
      release: "r1",
      model: "s3://data/model.tar.gz",
      image: "123456789012.dkr.ecr.us-east-1.amazonaws.com/churn:1",
      serve: { instanceType: "ml.m5.large" },
      apiName: "mlops-churn-api",
      check: { requests: ["1"] },
    });
    const drift =
      config.driftMonitor === false
        ? undefined
        : new DriftMonitor("drift", {
            monitorName: "mlops-churn-pms",
            functionName: "mlops-churn-api",
            captureUri: "s3://data/captures",
            baselineUri: "s3://data/{release}",
            outputUri: "s3://data/monitoring",
            image: "123456789012.dkr.ecr.us-east-1.amazonaws.com/scikit-learn:1",
          });
    return { shown: dashboard(config, CHURN, live, { drift, quality: undefined, canary: undefined }) };
  });
  const found = made.find(({ type }) => type === "aws:cloudwatch/dashboard:Dashboard");
  return found && { name: found.inputs.dashboardName, body: found.inputs.dashboardBody as string };
}

describe("the dashboard of stack prod", () => {
  it("is named like the stack's other things, and shows them by their names", async () => {
    const { name, body = "" } = (await bodyIn({})) ?? {};

    expect(name).to.equal("mlops-churn-test");
    for (const shown of [
      '"FunctionName","mlops-churn-api"',
      "CodeDeployHook_mlops-churn-api-pre-traffic",
      String.raw`VariantName=\"test-mlops-churn\"`,
      "api-r1-model-faults",
    ]) {
      expect(body).to.contain(shown);
    }
  });

  it("draws drift of the target and all inputs, up to the monitor's own threshold", async () => {
    expect((await bodyIn({}))?.body).not.to.contain("feature_baseline_drift");

    const { body = "" } = (await bodyIn({ driftMonitor: { threshold: 0.3 } })) ?? {};
    for (const column of [CHURN.columns.target, ...CHURN.columns.inputs.map(({ name }) => name)]) {
      expect(body).to.contain(`"feature_baseline_drift_${column}","MonitoringSchedule","mlops-churn-test-pms"`);
    }
    expect(body).to.contain('"value":0.3');
  });

  it("draws the governor's decisions where the pipeline deploys", async () => {
    expect((await bodyIn({}))?.body).not.to.contain("Retraining");
    const permissionsBoundaryArn = "arn:aws:iam::123456789012:policy/boundary";
    expect((await bodyIn({ permissionsBoundaryArn }))?.body).to.contain(
      '"FunctionName","mlops-churn-pipeline-retrain"',
    );
  });

  it("is not there if the config says so", async () => {
    expect(await bodyIn({ dashboard: false })).to.equal(undefined);
  });
});
