/** The one account and region that the local AWS plays. */
export interface Account {
  readonly accountId: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Throw-away values: `123456789012` is moto's account, and the keys open nothing. */
export const LOCAL_ACCOUNT: Account = {
  accountId: "123456789012",
  region: "us-east-1",
  accessKeyId: "LOCALACCESSKEYID0000",
  secretAccessKey: "local-secret-access-key",
};

export function arn(account: Account, service: string, resource: string): string {
  return `arn:aws:${service}:${account.region}:${account.accountId}:${resource}`;
}
