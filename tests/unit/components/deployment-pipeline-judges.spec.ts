import { expect } from "chai";
import { METRICS } from "../../../lib/contract";
import { contextOf } from "local-aws/services/iam/authority";
import { evaluate } from "local-aws/services/iam/evaluate";
import { parsePolicy, type Policy } from "local-aws/services/iam/policy";
import { AT, BUCKET_ARN, CANARY_BUCKET, made, ROLE_POLICY, TOPIC } from "../../support/deployment-pipeline";

const API = "mlops-nyctaxi-api";
const ENDPOINT = "mlops-nyctaxi-prd-r1";
const MODELS = "arn:aws:s3:::models/mlops-nyctaxi";
const PIPELINE = `arn:aws:codepipeline:${AT}:mlops-nyctaxi-pipeline`;
const on = (resource: string, ...actions: readonly string[]) => actions.map((action) => ({ action, resource }));
const group = (name: string) =>
  on(`arn:aws:logs:${AT}:log-group:${name}:log-stream:x`, "logs:PutLogEvents").concat(
    on(`arn:aws:logs:${AT}:log-group:${name}`, "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutMetricFilter"),
  );

/** What a rollout or an approval reads, and the calls that would write it. */
const JUDGES = {
  "the metrics of the function": on("*", "cloudwatch:PutMetricData"),
  "the function's log, out of which CloudWatch makes the metrics": group(`/aws/lambda/${API}`),
  "the hooks' verdicts": [
    ...group(`/aws/lambda/CodeDeployHook_${API}-pre-traffic`),
    ...group(`/aws/lambda/CodeDeployHook_${API}-post-traffic`),
    ...on("*", "codedeploy:PutLifecycleEventHookExecutionStatus"),
    ...on(`arn:aws:codedeploy:${AT}:deploymentgroup:${API}/${API}`, "codedeploy:PutLifecycleEventHookExecutionStatus"),
  ],
  "the alarms": on(
    `arn:aws:cloudwatch:${AT}:alarm:${API}-r1-model-faults`,
    ...["PutMetricAlarm", "SetAlarmState", "DisableAlarmActions", "DeleteAlarms"].map((name) => `cloudwatch:${name}`),
  ),
  "captured traffic": on(`${MODELS}/datacapture/${ENDPOINT}/prd-mlops-nyctaxi/2026/11/29/12/x.jsonl`, "s3:PutObject"),
  "the archives that production serves": on(
    `${MODELS}/deployed/${ENDPOINT}/model.tar.gz`,
    ...["PutObject", "DeleteObject", "DeleteObjectVersion", "PutObjectAcl", "RestoreObject"].map(
      (name) => `s3:${name}`,
    ),
  ),
  "the baselines that production's drift is measured from": on(
    `${MODELS}/deployed/${ENDPOINT}/baseline/constraints.json`,
    ...["PutObject", "DeleteObject", "DeleteObjectVersion"].map((name) => `s3:${name}`),
  ),
  "production's endpoint": on(
    `arn:aws:sagemaker:${AT}:endpoint/${ENDPOINT}`,
    "sagemaker:InvokeEndpoint",
    "sagemaker:UpdateEndpoint",
  ),
  "the function and its alias": on(
    `arn:aws:lambda:${AT}:function:${API}:live`,
    "lambda:InvokeFunction",
    "lambda:UpdateAlias",
  ).concat(on(`arn:aws:lambda:${AT}:function:${API}`, "lambda:UpdateFunctionCode", "lambda:PublishVersion")),
  "production's state": on(
    "arn:aws:s3:::state/pulumi/.pulumi/stacks/safe/prod.json",
    "s3:PutObject",
    "s3:DeleteObject",
  ),
  "what the retrain governor knows and has decided": on(
    `${MODELS}/monitoring/retrain/ledger.json`,
    "s3:PutObject",
    "s3:DeleteObject",
  ).concat(
    on(`arn:aws:lambda:${AT}:function:mlops-nyctaxi-pipeline-retrain`, "lambda:InvokeFunction"),
    ...["drift", "quality"].map((alarm) =>
      on(
        `arn:aws:cloudwatch:${AT}:alarm:mlops-nyctaxi-${alarm}`,
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:SetAlarmState",
      ),
    ),
  ),
  "what the canary runs, and what its alarm reads": [
    ...on(`arn:aws:s3:::${CANARY_BUCKET}/canary/script/0a1b.zip`, "s3:PutObject", "s3:DeleteObject"),
    ...on(`arn:aws:synthetics:${AT}:canary:mlops-nyctaxi-canary`, "synthetics:UpdateCanary", "synthetics:StopCanary"),
    ...on(`arn:aws:lambda:${AT}:function:cwsyn-mlops-nyctaxi-canary-0a1b`, "lambda:UpdateFunctionCode"),
    ...on(`arn:aws:cloudwatch:${AT}:alarm:mlops-nyctaxi-canary`, "cloudwatch:PutMetricAlarm"),
  ],
  "the labels, and what was measured by them": ["labels/2026-03-01.csv", `quality/${ENDPOINT}/2026-03-01.json`]
    .flatMap((file) => on(`${MODELS}/monitoring/${file}`, "s3:PutObject", "s3:DeleteObject"))
    .concat(on(`arn:aws:lambda:${AT}:function:mlops-nyctaxi-quality`, "lambda:InvokeFunction")),
  "the approval itself": [
    ...on(`${PIPELINE}/Approve/Approve`, "codepipeline:PutApprovalResult"),
    ...on(PIPELINE, "codepipeline:UpdatePipeline", "codepipeline:StartPipelineExecution"),
    ...on(TOPIC, "sns:Publish"),
  ],
};
const TRAINED_PREVIEW = on(`${BUCKET_ARN}/mlops-nyctaxi-pipeli/Release/x`, "s3:PutObject");

describe("judges of a release of DeploymentPipeline", () => {
  const actors: Record<string, Policy> = {};
  before(async () => {
    const recording = await made({ pullRequests: true });
    for (const name of ["build-role", "train-role", "dev-role", "pull-request-check-role"]) {
      actors[name] = parsePolicy(name, recording.find(ROLE_POLICY, `pipeline-${name}`).inputs.policy as string);
    }
    for (const stack of ["train", "dev"]) {
      const { inputs } = recording.find("aws:iam/policy:Policy", `-${stack}-boundary`);
      actors[`roles of ${stack}`] = parsePolicy(stack, inputs.policy as string);
    }
  });

  const writers = (calls: readonly { action: string; resource: string }[], namespace: string = METRICS.namespace) =>
    Object.entries(actors).flatMap(([actor, policy]) =>
      calls.flatMap(({ action, resource }) => {
        const context = contextOf({ "cloudwatch:namespace": namespace });
        const { allowed } = evaluate([policy], { action, resource, context }, "identity-based policy");
        return allowed ? [`${actor}: ${action} ${resource}`] : [];
      }),
    );

  for (const [what, calls] of Object.entries(JUDGES)) {
    it(`are written by nobody before the approval: ${what}`, () => {
      expect(writers(calls)).to.deep.equal([]);
    });
  }

  it("are written by nobody before the approval: the metrics of the canary", () => {
    expect(writers(on("*", "cloudwatch:PutMetricData"), "CloudWatchSynthetics")).to.deep.equal([]);
  });

  it("leave the previews and plans that are approved to the build that makes them", () => {
    expect(writers(TRAINED_PREVIEW)).to.deep.equal([`build-role: s3:PutObject ${TRAINED_PREVIEW[0]!.resource}`]);
  });

  it("leave SageMaker's own metrics and logs to the containers", () => {
    const calls = [...on("*", "cloudwatch:PutMetricData"), ...group("/aws/sagemaker/TrainingJobs").slice(0, 1)];

    expect(new Set(writers(calls, "/aws/sagemaker/TrainingJobs").map((line) => line.split(":")[0]))).to.deep.equal(
      new Set(["roles of train", "roles of dev"]),
    );
  });
});
