/** Who has signed a request, where it was not the account itself: somebody whose policies are evaluated. */
export interface Signer {
  /** IAM's `aws:PrincipalType`. */
  readonly type: "AssumedRole" | "User";
  readonly accountId: string;
  /** Such as `arn:aws:sts::123456789012:assumed-role/deploy/build-1`, or a user's ARN. */
  readonly arn: string;
  /** IAM's `aws:PrincipalArn`: of the role or the user whose policies count. */
  readonly identityArn: string;
  /** IAM's `aws:userid`: a user's id, or the role's id and the session's name. */
  readonly userId: string;
  /** Of a user. */
  readonly userName?: string;
}
