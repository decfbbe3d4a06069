/** An account of AWS in one of its regions, with keys that may do everything there. */
export interface Account {
  readonly accountId: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Of the twelve digits that an account's number has. */
export const ACCOUNT_ID = /^\d{12}$/;

/** An account in a region. Its own keys are throw-away values that open nothing: the id of the access key is the account's number. */
export function accountIn(accountId: string, region: string): Account {
  return { accountId, region, accessKeyId: accountId, secretAccessKey: "local-secret-access-key" };
}

/** The account and region that the local AWS has unless it is told others. */
export const LOCAL_ACCOUNT: Account = accountIn("123456789012", "us-east-1");

export function arn(account: Account, service: string, resource: string): string {
  return `arn:aws:${service}:${account.region}:${account.accountId}:${resource}`;
}
