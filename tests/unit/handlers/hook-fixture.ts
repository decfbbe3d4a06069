import { CodeDeployClient, PutLifecycleEventHookExecutionStatusCommand } from "@aws-sdk/client-codedeploy";
import { mockClient, type AwsClientStub } from "aws-sdk-client-mock";
import { expect } from "chai";
import type { HookEvent } from "../../../handlers/hook";
import type { handler as preTraffic } from "../../../handlers/pre-traffic";
import type { Verdict } from "../../../lib/contract";
import { context, environment, withOutput } from "./lambda";

export const ENDPOINT = "mlops-nyctaxi-prd-r2";
export const FROM_CODEDEPLOY: HookEvent = {
  DeploymentId: "d-1",
  LifecycleEventHookExecutionId: "hook-1",
  combined: "d-1:hook-1",
};

/** CodeDeploy for the suite that calls this, and hooks called as it calls them. */
export function hookCaller() {
  environment({ AWS_REGION: "us-east-1", ENDPOINT_NAME: ENDPOINT });
  const mocked: { codeDeploy?: AwsClientStub<CodeDeployClient> } = {};
  before(() => {
    mocked.codeDeploy = mockClient(CodeDeployClient);
  });
  beforeEach(() => mocked.codeDeploy!.reset());
  after(() => mocked.codeDeploy!.restore());

  const reported = () =>
    mocked.codeDeploy!.commandCalls(PutLifecycleEventHookExecutionStatusCommand).map((made) => made.args[0].input);

  /** Calls a hook as CodeDeploy does and expects of it what every hook promises; gives its verdict. */
  async function verdictOf(hook: typeof preTraffic, remainingMs = 30_000): Promise<Verdict> {
    const { result, lines } = await withOutput(() => hook(FROM_CODEDEPLOY, context(remainingMs)));
    expect(lines).to.deep.equal([`verdict: ${result.status}: ${result.reason}`]);
    expect(reported()).to.deep.equal([
      { deploymentId: "d-1", lifecycleEventHookExecutionId: "hook-1", status: result.status },
    ]);
    return result;
  }

  return { codeDeploy: () => mocked.codeDeploy!, reported, verdictOf };
}
