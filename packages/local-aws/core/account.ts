/** An account of AWS in one of its regions, with keys that may do everything in it. */
export interface Account {
  readonly accountId: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** An account number has twelve digits. */
export const ACCOUNT_ID = /^\d{12}$/;

/**
 * An account in a region. The id of its own access key is the account's number.
 *
 * @param secretAccessKey of its own keys. @default - one for what checks no signatures, such as a single service in a test
 */
export function accountIn(accountId: string, region: string, secretAccessKey = "not-checked"): Account {
  return { accountId, region, accessKeyId: accountId, secretAccessKey };
}

/** The default account and region of the local AWS. */
export const LOCAL_ACCOUNT: Account = accountIn("123456789012", "us-east-1");

export function arn(account: Account, service: string, resource: string): string {
  return `arn:aws:${service}:${account.region}:${account.accountId}:${resource}`;
}
