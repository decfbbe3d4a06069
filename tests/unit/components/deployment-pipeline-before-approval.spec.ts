import { expect } from "chai";
import { contextOf } from "local-aws/services/iam/authority";
import { evaluate } from "local-aws/services/iam/evaluate";
import { parsePolicy, type Policy } from "local-aws/services/iam/policy";
import type { DeploymentPipelineArgs } from "../../../components/deployment-pipeline";
import { AT, made, ROLE_POLICY } from "../../support/deployment-pipeline";

const JOB = {
  "sagemaker:InstanceTypes": ["ml.m4.xlarge"],
  "sagemaker:MaxRuntimeInSeconds": "3600",
  "sagemaker:NetworkIsolation": "true",
};
const NO_ISOLATION = { ...JOB, "sagemaker:NetworkIsolation": [] };

async function policyOf(
  stack: string,
  beforeApproval?: DeploymentPipelineArgs["beforeApproval"],
): Promise<(action: string, resource: string, context: Parameters<typeof contextOf>[0]) => boolean> {
  const { find } = await made({ beforeApproval });
  const policy: Policy = parsePolicy(stack, find(ROLE_POLICY, `pipeline-${stack}-role`).inputs.policy as string);
  return (action, resource, context) =>
    evaluate([policy], { action, resource, context: contextOf(context) }, "identity-based policy").allowed;
}

describe("what DeploymentPipeline lets a release use before its approval", () => {
  for (const [operation, kind] of [
    ["CreateTrainingJob", "training-job"],
    ["CreateProcessingJob", "processing-job"],
  ] as const) {
    it(`is small instances for some hours, cut off from the network: ${operation}`, async () => {
      const may = await policyOf("train");
      const creates = (context: Parameters<typeof contextOf>[0]) =>
        may(`sagemaker:${operation}`, `arn:aws:sagemaker:${AT}:${kind}/mlops-nyctaxi-r1`, context);

      expect(creates(JOB)).to.equal(true);
      expect(creates({ ...JOB, "sagemaker:InstanceTypes": ["ml.p4d.24xlarge"] })).to.equal(false);
      expect(creates({ ...JOB, "sagemaker:InstanceTypes": ["ml.m4.xlarge", "ml.m5.12xlarge"] })).to.equal(false);
      expect(creates({ ...JOB, "sagemaker:InstanceTypes": [] })).to.equal(false);
      expect(creates({ ...JOB, "sagemaker:MaxRuntimeInSeconds": "14401" })).to.equal(false);
      expect(creates({ ...JOB, "sagemaker:MaxRuntimeInSeconds": [] })).to.equal(false);
      expect(creates({ ...JOB, "sagemaker:NetworkIsolation": "false" })).to.equal(false);
      expect(creates(NO_ISOLATION)).to.equal(false);
    });
  }

  it("is small instances for dev's endpoint, and any for production's", async () => {
    const creates = async (stack: string, stage: string, type: string) =>
      (await policyOf(stack))(
        "sagemaker:CreateEndpointConfig",
        `arn:aws:sagemaker:${AT}:endpoint-config/mlops-nyctaxi-${stage}-r1`,
        { "sagemaker:InstanceTypes": [type] },
      );

    expect(await creates("dev", "dev", "ml.t2.medium")).to.equal(true);
    expect(await creates("dev", "dev", "ml.g5.48xlarge")).to.equal(false);
    expect(await creates("prod", "prd", "ml.g5.48xlarge")).to.equal(true);
  });

  it("is as configured", async () => {
    const limits = { instanceTypes: ["ml.p3.*"], maxRuntimeSeconds: 86_400, networkAccess: true };
    const may = await policyOf("train", limits);
    const job = { "sagemaker:InstanceTypes": ["ml.p3.16xlarge"], "sagemaker:MaxRuntimeInSeconds": "86400" };
    const arn = `arn:aws:sagemaker:${AT}:training-job/mlops-nyctaxi-r1`;

    expect(may("sagemaker:CreateTrainingJob", arn, job)).to.equal(true);
    expect(may("sagemaker:CreateTrainingJob", arn, NO_ISOLATION)).to.equal(false);
  });
});
