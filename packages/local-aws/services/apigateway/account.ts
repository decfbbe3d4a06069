import { GetAccountCommand, UpdateAccountCommand, type Account } from "@aws-sdk/client-api-gateway";
import { AwsError } from "../../core/aws-error";
import type { Local, RoleSessions } from "../../core/local";
import { operation, type Operation } from "../../core/operation";
import { badRequest } from "./errors";
import { patch } from "./patch";
import type { ApiStore } from "./store";

/** What holds for all APIs of an account: the role that writes their logs. */
export function accountOperations(store: ApiStore, { sessions }: Pick<Local, "sessions">): readonly Operation[] {
  const shown = (): Account => ({
    cloudwatchRoleArn: store.cloudwatchRoleArn,
    throttleSettings: { burstLimit: 5000, rateLimit: 10_000 },
    features: ["UsagePlans"],
    apiKeyVersion: "4",
  });
  return [
    operation(GetAccountCommand, () => shown()),
    operation(UpdateAccountCommand, async (input) => {
      const role = input.patchOperations?.find(({ path }) => path === "/cloudwatchRoleArn")?.value ?? "";
      if (role !== "") {
        await checkLogRole(sessions, role);
      }
      patch(input.patchOperations, [
        { path: /^\/cloudwatchRoleArn$/, apply: (value) => (store.cloudwatchRoleArn = value || undefined) },
      ]);
      return shown();
    }),
  ];
}

/** What AWS's own policy AmazonAPIGatewayPushToCloudWatchLogs allows. */
const LOGGING = [
  "CreateLogGroup",
  "CreateLogStream",
  "DescribeLogGroups",
  "DescribeLogStreams",
  "PutLogEvents",
  "GetLogEvents",
  "FilterLogEvents",
];

/** @throws AwsError `BadRequestException` if API Gateway cannot assume the role (yet), or the role may not do all that logging takes */
async function checkLogRole(sessions: RoleSessions, roleArn: string): Promise<void> {
  try {
    const keys = await sessions.assumeAs("apigateway.amazonaws.com", roleArn, "ApiGateway");
    await Promise.all(LOGGING.map((name) => sessions.authorize(keys, { action: `logs:${name}`, resource: "*" })));
  } catch (error) {
    throw error instanceof AwsError
      ? badRequest(
          "The role ARN does not have required permissions configured. " +
            "Please grant trust permission for API Gateway and add the required role policy.",
        )
      : error;
  }
}
