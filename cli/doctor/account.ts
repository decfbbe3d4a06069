import { APIGatewayClient, GetAccountCommand } from "@aws-sdk/client-api-gateway";
import { CodeCommitClient, GetRepositoryCommand, RepositoryDoesNotExistException } from "@aws-sdk/client-codecommit";
import { IAMClient, paginateListRoles } from "@aws-sdk/client-iam";
import { ListMonitoringSchedulesCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { z } from "zod";
import { failureOf } from "../support/failure";
import { itemsOf } from "../support/pages";
import type { AwsSettings, Context } from "../support/context";
import type { Finding } from "./check";

/** Who calls. Without this nothing else can be asked. */
export async function credentialsFinding(aws: AwsSettings): Promise<Finding> {
  const what = "credentials";
  try {
    const { Arn, Account } = await new STSClient(aws).send(new GetCallerIdentityCommand({}));
    return { what, verdict: "ok", found: `${Arn} in account ${Account}` };
  } catch (error) {
    const [found = "", remedy] = failureOf(error).split("\n");
    return { what, verdict: "fail", found, remedy };
  }
}

/** The roles of the model's stacks, which lie below paths of its own. */
export async function rolesFinding({ aws, prefix }: Context): Promise<Finding> {
  const what = "roles";
  const pages = paginateListRoles({ client: new IAMClient(aws) }, { PathPrefix: `/${prefix}/` });
  const paths = (await itemsOf(pages, ({ Roles }) => Roles)).map(({ Path = "" }) => Path.split("/")[2] ?? "");
  const stacks = [...new Set(paths)].sort();
  return paths.length === 0
    ? { what, verdict: "warn", found: `none below /${prefix}/`, remedy: "the first pulumi up of each stack makes them" }
    : { what, verdict: "ok", found: `${paths.length} below /${prefix}/, of ${stacks.join(", ")}` };
}

/** The role with which API Gateway logs, which is one for account and region. */
export async function logRoleFinding({ aws, project }: Context): Promise<Finding> {
  const what = "API Gateway's log role";
  const { cloudwatchRoleArn } = await new APIGatewayClient(aws).send(new GetAccountCommand({}));
  if (cloudwatchRoleArn !== undefined && cloudwatchRoleArn !== "") {
    return { what, verdict: "ok", found: cloudwatchRoleArn };
  }
  return project.value("prod", "createAccountLogRole") === "false"
    ? { what, verdict: "fail", found: "none, and createAccountLogRole is false", remedy: "set one: docs/aws.md" }
    : { what, verdict: "ok", found: "none; stack prod will set mlops-api-gateway-logs" };
}

/** Whether the account may use Model Monitor, which SageMaker does not open to each. */
export async function modelMonitorFinding({ aws }: Context): Promise<Finding> {
  const what = "SageMaker Model Monitor";
  const { MonitoringScheduleSummaries: all = [] } = await new SageMakerClient(aws).send(
    new ListMonitoringSchedulesCommand({ MaxResults: 1 }),
  );
  return { what, verdict: "ok", found: all.length === 0 ? "answers; no schedule yet" : "answers" };
}

const codeCommit = z.object({ type: z.literal("codecommit"), repository: z.string() });

/** CodeCommit, if the pipeline takes its code from there. */
export async function codeCommitFinding({ aws, project }: Context): Promise<Finding | readonly Finding[]> {
  const what = "CodeCommit";
  const { data } = codeCommit.safeParse(project.structure("pipeline", "repository"));
  if (data === undefined) {
    return [];
  }
  const { repository: repositoryName } = data;
  try {
    await new CodeCommitClient(aws).send(new GetRepositoryCommand({ repositoryName }));
    return { what, verdict: "ok", found: `repository ${repositoryName}` };
  } catch (error) {
    if (error instanceof RepositoryDoesNotExistException) {
      const remedy = `aws codecommit create-repository --repository-name ${repositoryName}; an account that may not is to use a connection`;
      return { what, verdict: "fail", found: `there is no repository ${repositoryName}`, remedy };
    }
    throw error;
  }
}
