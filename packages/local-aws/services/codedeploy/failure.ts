import type { AutoRollbackEvent, ErrorCode } from "@aws-sdk/client-codedeploy";

/** Why a deployment ended early, as its `errorInformation` tells it. */
export class DeploymentFailure extends Error {
  override readonly name = "DeploymentFailure";

  constructor(
    readonly code: ErrorCode,
    message: string,
    /** An alarm and a person stop a deployment; everything else fails it. */
    readonly status: "Failed" | "Stopped" = "Failed",
    /** The event of an automatic rollback configuration that it is. */
    readonly event: AutoRollbackEvent = "DEPLOYMENT_FAILURE",
  ) {
    super(message);
  }
}

/** What CodeDeploy says when an alarm stops a deployment, here with the names of the alarms. */
export function alarmFailure(alarms: readonly string[]): DeploymentFailure {
  const activated = alarms.map((name) => `<${name}>`).join(" ");
  return new DeploymentFailure(
    "ALARM_ACTIVE",
    `One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. Activated alarms: ${activated}`,
    "Stopped",
    "DEPLOYMENT_STOP_ON_ALARM",
  );
}

/** What CodeDeploy says when the AppSpec does not fit the function, followed by what is wrong with it. */
export function appSpecFailure(why: string): DeploymentFailure {
  return new DeploymentFailure(
    "INVALID_LAMBDA_CONFIGURATION",
    `The deployment failed because the AppSpec file that specifies the AWS Lambda deployment configuration is missing or has an invalid configuration. ${why}`,
  );
}
