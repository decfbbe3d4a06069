import { AwsError } from "../../core/aws-error";
import { pager } from "../../core/paging";

export const invalid = (message: string) => new AwsError("ValidationException", message);

/** One page of a list. */
export const page = pager(20, (token) => invalid(`Invalid NextToken: ${token} was not given out by this operation`));
