import * as s3 from "@pulumi/aws/s3";
import type { ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import { allowedBy } from "../iam-document";

/** All of them are on in a new bucket. https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html */
const BLOCKS = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"] as const;

/** ACLs that let others than the account in. */
const PUBLIC_ACLS = ["public-read", "public-read-write", "authenticated-read"];

/** Groups of an ACL that are everybody, with or without an AWS account. */
const EVERYBODY = /\/global\/(AllUsers|AuthenticatedUsers)$/;

/** Models and captured requests are nobody else's business. */
export const publicBuckets: ResourceValidationPolicy = {
  name: "no-public-bucket",
  description: "No bucket lets the public in, by its policy, its ACL or a block that is off.",
  validateResource: (args, report) => {
    for (const problem of [...blocksOff(args), ...publicAcls(args), ...publicPolicies(args)]) {
      report(problem);
    }
  },
};

function blocksOff(args: ResourceValidationArgs): string[] {
  const block = args.asType(s3.BucketPublicAccessBlock) ?? args.asType(s3.AccountPublicAccessBlock);
  return block === undefined
    ? []
    : BLOCKS.filter((setting) => block[setting] !== true).map((setting) => `${setting} must be true`);
}

function publicAcls(args: ResourceValidationArgs): string[] {
  // The bucket's own is deprecated, and works.
  const acl: unknown = args.isType(s3.Bucket) || args.isType(s3.BucketAcl) ? args.props.acl : undefined;
  const grants = args.asType(s3.BucketAcl)?.accessControlPolicy?.grants ?? [];
  return [
    ...(typeof acl === "string" && PUBLIC_ACLS.includes(acl) ? [`ACL ${acl} lets others in: use private`] : []),
    ...grants.flatMap(({ grantee }) =>
      EVERYBODY.test(grantee?.uri ?? "") ? [`the ACL grants ${grantee?.uri ?? ""} access: grant it to an account`] : [],
    ),
  ];
}

function publicPolicies(args: ResourceValidationArgs): string[] {
  const policy = args.asType(s3.BucketPolicy)?.policy;
  return policy === undefined
    ? []
    : allowedBy(policy)
        .filter(({ principals, conditionKeys }) => principals.includes("*") && conditionKeys.length === 0)
        .map(
          ({ place }) => `statement ${place} of the bucket's policy lets everybody in: name a principal or a condition`,
        );
}
