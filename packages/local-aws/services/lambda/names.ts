import { arn, type Account } from "../../core/account";
import { AwsError } from "../../core/aws-error";

/** What a caller may write for a function: a name, an ARN or part of one, with a version or an alias at its end or not. */
export interface FunctionReference {
  readonly name: string;
  /** A version number, `$LATEST` or an alias. */
  readonly qualifier?: string;
}

const REFERENCE =
  /^(?:(?:arn:aws[a-z-]*:lambda:(?<region>[a-z0-9-]+):)?(?<account>\d{12}):function:|function:)?(?<name>[A-Za-z0-9_-]{1,64})(?::(?<qualifier>\$LATEST|[A-Za-z0-9_-]+))?$/;

/**
 * Reads `name`, `name:qualifier`, `123456789012:function:name` or a whole ARN, as every operation of Lambda takes them.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_RequestParameters
 *
 * @throws InvalidParameterValueException if the name names one qualifier and the parameter `Qualifier` another
 */
export function functionReference(account: Account, text: string, qualifier?: string): FunctionReference {
  const parts = REFERENCE.exec(text)?.groups;
  if (parts?.name === undefined) {
    throw new AwsError("InvalidParameterValueException", `${text} is neither the name nor the ARN of a function`);
  }
  const elsewhere =
    (parts.region !== undefined && parts.region !== account.region) ||
    (parts.account !== undefined && parts.account !== account.accountId);
  if (elsewhere) {
    throw new AwsError("ResourceNotFoundException", `Function not found: ${text}`, 404);
  }
  if (parts.qualifier !== undefined && qualifier !== undefined && parts.qualifier !== qualifier) {
    throw new AwsError(
      "InvalidParameterValueException",
      `The derived qualifier from the function name does not match the specified qualifier: ${parts.qualifier}, ${qualifier}.`,
    );
  }
  return { name: parts.name, qualifier: parts.qualifier ?? qualifier };
}

/** ARN of a function, or of one of its versions or aliases. */
export function functionArn(account: Account, name: string, qualifier?: string): string {
  return arn(account, "lambda", `function:${name}${qualifier === undefined ? "" : `:${qualifier}`}`);
}
