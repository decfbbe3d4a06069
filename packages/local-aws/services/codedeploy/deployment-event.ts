import type { DeploymentStatus } from "@aws-sdk/client-codedeploy";
import { arn, type Account } from "../../core/account";
import type { ServiceEvent } from "../../core/local";
import type { Deployment } from "./deployment";

const STATES: Readonly<Partial<Record<DeploymentStatus, string>>> = {
  InProgress: "START",
  Succeeded: "SUCCESS",
  Failed: "FAILURE",
  Stopped: "STOP",
};

/**
 * The event by which EventBridge learns what has become of a deployment.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-cloudwatch-events.html
 */
export function stateChangeEvent(account: Account, { order, status }: Deployment): ServiceEvent {
  const { id: deploymentId, applicationName: application, deploymentGroupName: deploymentGroup } = order;
  return {
    source: "aws.codedeploy",
    "detail-type": "CodeDeploy Deployment State-change Notification",
    resources: [
      arn(account, "codedeploy", `application:${application}`),
      arn(account, "codedeploy", `deploymentgroup:${application}/${deploymentGroup}`),
    ],
    detail: { region: account.region, deploymentId, application, deploymentGroup, state: STATES[status] ?? status },
  };
}
