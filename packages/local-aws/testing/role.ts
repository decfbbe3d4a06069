import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { clientConfig, type Local } from "../core/local";

const SERVICES = ["sagemaker", "lambda", "codedeploy", "codepipeline", "apigateway"].map(
  (name) => `${name}.amazonaws.com`,
);

/** Makes a role that services may assume and that may do everything, for tests that are not about permissions. Returns its ARN. */
export async function openRole(local: Pick<Local, "account" | "endpoint">, RoleName: string): Promise<string> {
  const iam = new IAMClient(clientConfig(local));
  const policy = (statement: object) =>
    JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", ...statement } });
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName,
      AssumeRolePolicyDocument: policy({ Principal: { Service: SERVICES }, Action: "sts:AssumeRole" }),
    }),
  );
  const PolicyDocument = policy({ Action: "*", Resource: "*" });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "everything", PolicyDocument }));
  return Role?.Arn ?? "";
}
