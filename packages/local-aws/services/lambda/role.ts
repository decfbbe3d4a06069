import { arn } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import type { Local } from "../../core/local";
import { invalid } from "./settings";
import type { FunctionVersion, Settings } from "./store";

/**
 * @throws AwsError `InvalidParameterValueException` if a function's role does not exist (yet), does not trust Lambda, or may not make the
 * network interface of a function in a VPC
 */
export async function checkRole({ sessions }: Local, { role, vpc }: Pick<Settings, "role" | "vpc">): Promise<void> {
  const keys = await refusedAs("The role defined for the function cannot be assumed by Lambda.", () =>
    sessions.assumeAs("lambda.amazonaws.com", role, "Lambda"),
  );
  if (vpc !== undefined) {
    await refusedAs("The provided execution role does not have permissions to call CreateNetworkInterface on EC2", () =>
      sessions.authorize(keys, { action: "ec2:CreateNetworkInterface", resource: "*" }),
    );
  }
}

/** Whether Lambda may make the log group of a function, which it does in the role's name. */
export async function mayMakeLogGroup(
  { account, sessions, functionsUseRoles }: Local,
  { settings, functionName }: FunctionVersion,
): Promise<boolean> {
  if (functionsUseRoles !== true) {
    return true;
  }
  const resource = arn(account, "logs", `log-group:${settings.logging.LogGroup}`);
  try {
    await sessions.authorize(sessions.assume(settings.role, functionName), {
      action: "logs:CreateLogGroup",
      resource,
    });
    return true;
  } catch (error) {
    if (error instanceof AwsError) {
      return false;
    }
    throw error;
  }
}

async function refusedAs<T>(message: string, attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    throw error instanceof AwsError ? invalid(message) : error;
  }
}
