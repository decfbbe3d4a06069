import { GetPolicyCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { z } from "zod";
import { clientConfig, type Local } from "../../core/local";

/** A call of a function by API Gateway. */
export interface FunctionCall {
  readonly functionName: string;
  readonly qualifier: string | undefined;
  /** ARN of the method, such as `arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/Prod/POST/api`. */
  readonly sourceArn: string;
}

/** How long a permission that was found is believed. AWS too takes a moment to notice that one is gone. */
const BELIEVED_MS = 2_000;

const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const POLICY = z.object({
  Statement: z.array(
    z.object({
      Effect: z.string(),
      Principal: z.union([z.literal("*"), z.object({ Service: oneOrMore.optional() })]),
      Action: oneOrMore,
      Condition: z.record(z.string(), z.record(z.string(), oneOrMore)).default({}),
    }),
  ),
});
type Statement = z.infer<typeof POLICY>["Statement"][number];

/**
 * Asks Lambda whether a function's resource policy lets API Gateway call it, as AWS does at every call.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html#apigateway-permissions
 */
export class Permissions {
  private readonly client: LambdaClient;
  private readonly believedUntil = new Map<string, number>();

  constructor(private readonly local: Local) {
    this.client = new LambdaClient(clientConfig(local));
  }

  async allow(call: FunctionCall): Promise<boolean> {
    const key = JSON.stringify(call);
    if ((this.believedUntil.get(key) ?? 0) > Date.now()) {
      return true;
    }
    const statements = await this.statements(call);
    const allowed = statements.some((statement) => permits(statement, call.sourceArn, this.local.account.accountId));
    if (allowed) {
      this.believedUntil.set(key, Date.now() + BELIEVED_MS);
    }
    return allowed;
  }

  close(): void {
    this.client.destroy();
  }

  private async statements({ functionName, qualifier }: FunctionCall): Promise<readonly Statement[]> {
    try {
      const command = new GetPolicyCommand({ FunctionName: functionName, Qualifier: qualifier });
      const { Policy = "{}" } = await this.client.send(command);
      return POLICY.parse(JSON.parse(Policy)).Statement;
    } catch (error) {
      // Without a function or a policy nothing is permitted.
      if (error instanceof Error && error.name === "ResourceNotFoundException") {
        return [];
      }
      throw error;
    }
  }
}

function permits(statement: Statement, sourceArn: string, accountId: string): boolean {
  const { Effect, Principal, Action, Condition } = statement;
  const service = Principal === "*" || (Principal.Service?.includes("apigateway.amazonaws.com") ?? false);
  const action = Action.some((one) => like(one, "lambda:InvokeFunction"));
  const conditions = Object.entries(Condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) =>
      values.some((value) => holds(operator, key, value, sourceArn, accountId)),
    ),
  );
  return Effect === "Allow" && service && action && conditions;
}

/** A condition that is not known here does not hold: it must not let anybody in. */
function holds(operator: string, key: string, value: string, sourceArn: string, accountId: string): boolean {
  const actual = key.toLowerCase() === "aws:sourcearn" ? sourceArn : accountId;
  if (!["aws:sourcearn", "aws:sourceaccount"].includes(key.toLowerCase())) {
    return false;
  }
  switch (operator) {
    case "ArnLike":
    case "ArnEquals":
      return arnLike(value, actual);
    case "StringLike":
      return like(value, actual);
    case "StringEquals":
      return value === actual;
    default:
      return false;
  }
}

/** Each of an ARN's six parts is compared for itself. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
function arnLike(pattern: string, arn: string): boolean {
  const wanted = arnParts(pattern);
  const actual = arnParts(arn);
  return wanted.length === actual.length && wanted.every((part, i) => like(part, actual[i] ?? ""));
}

function arnParts(arn: string): readonly string[] {
  const parts = arn.split(":");
  return [...parts.slice(0, 5), parts.slice(5).join(":")];
}

function like(pattern: string, text: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${expression}$`).test(text);
}
