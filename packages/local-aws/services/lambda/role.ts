import { AwsError } from "../../core/aws-error";
import type { Local } from "../../core/local";
import { invalid } from "./settings";

/** @throws AwsError `InvalidParameterValueException` if a function's role does not exist (yet) or does not trust Lambda */
export async function checkRole({ sessions }: Local, roleArn: string): Promise<void> {
  try {
    await sessions.assumeAs("lambda.amazonaws.com", roleArn, "Lambda");
  } catch (error) {
    throw error instanceof AwsError ? invalid("The role defined for the function cannot be assumed by Lambda.") : error;
  }
}
