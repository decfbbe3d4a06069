import { AwsError } from "../../core/aws-error";
import { pager } from "../../core/paging";

/** One page of a list; every operation has a size of its own. */
export const page = pager(100, (token) => new AwsError("InvalidNextToken", `The next token ${token} is invalid.`));
