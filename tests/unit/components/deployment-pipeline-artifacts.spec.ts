import { expect } from "chai";
import {
  actionNames,
  BUCKET,
  BUCKET_ARN,
  KEY,
  list,
  made,
  MODEL_KEY,
  PIPELINE,
  policy,
  PROJECT,
  resourcesFor,
  ROLES,
  type Made,
} from "../../support/deployment-pipeline";

describe("artifacts of DeploymentPipeline", () => {
  let connected: Made;
  before(async () => {
    connected = await made({ pullRequests: true });
  });

  it("encrypted, versioned, and from everybody outside the account and without TLS", () => {
    const { find } = connected;

    expect(find("aws:s3/bucketVersioning:BucketVersioning").inputs.versioningConfiguration).to.deep.equal({
      status: "Enabled",
    });
    const encryption = { sseAlgorithm: "aws:kms", kmsMasterKeyId: KEY };
    expect(
      find("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", "-artifacts")
        .inputs.rules,
    ).to.deep.equal([{ applyServerSideEncryptionByDefault: encryption, bucketKeyEnabled: true }]);
    expect(find("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "-artifacts").inputs).to.deep.include({
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    const { Statement: statements } = JSON.parse(find("aws:s3/bucketPolicy:BucketPolicy").inputs.policy as string) as {
      Statement: unknown;
    };
    expect(statements).to.deep.equal([
      {
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [BUCKET_ARN, `${BUCKET_ARN}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
    expect(find(PIPELINE, "pipeline").inputs.artifactStores).to.deep.equal([
      { type: "S3", location: BUCKET, encryptionKey: { id: KEY, type: "KMS" } },
    ]);
    expect(find(PROJECT, "-build").inputs.encryptionKey).to.equal(KEY);
    expect(find("aws:sns/topic:Topic").inputs.kmsMasterKeyId).to.equal(KEY);
    expect(find("aws:kms/key:Key").inputs).to.deep.include({ enableKeyRotation: true, deletionWindowInDays: 7 });
    expect(find("aws:kms/alias:Alias").inputs.name).to.equal("alias/mlops-nyctaxi-pipeline");
  });

  it("for some days, but never lets the newest data go, also where it lies among them", async () => {
    const { find } = await made({ model: "a", artifactDays: 30 });
    const dataKey = "mlops-a-pipeline/data-source.zip";

    const { rules } = find("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "-artifacts").inputs as {
      rules: { filter: { prefix: string }; expiration?: { days: number } }[];
    };
    const expiring = rules.filter(({ expiration }) => expiration !== undefined);
    expect(expiring.map(({ filter, expiration }) => [filter.prefix, expiration?.days])).to.deep.equal([
      ["mlops-a-pipeline/SourceCode", 30],
      ["mlops-a-pipeline/Release", 30],
      ["mlops-a-pipeline/checks/", 30],
    ]);
    for (const key of [dataKey, "mlops-a-pipeline/deployments/prod.json"]) {
      expect(expiring.filter(({ filter }) => key.startsWith(filter.prefix))).to.deep.equal([]);
    }
  });

  it("have nothing to do with those of the canary, which have a private bucket and go after 31 days", async () => {
    const { find } = await made({ transform: { canaryBucket: { forceDestroy: false } } });

    expect(find("aws:s3/bucket:Bucket", "-canary").inputs).to.deep.include({
      bucketPrefix: "mlops-nyctaxi-canary-",
      forceDestroy: false,
    });
    expect(find("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "-canary").inputs).to.include({
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    expect(
      find("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "-canary").inputs.rules,
    ).to.deep.equal([{ id: "runs", status: "Enabled", filter: { prefix: "canary/runs/" }, expiration: { days: 31 } }]);
    const encryption = { sseAlgorithm: "aws:kms", kmsMasterKeyId: MODEL_KEY };
    expect(
      find("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", "-canary").inputs
        .rules,
    ).to.deep.equal([{ applyServerSideEncryptionByDefault: encryption, bucketKeyEnabled: true }]);
  });

  // Neither EventBridge nor the retrain governor uses artifacts.
  for (const role of Object.keys(ROLES).filter((one) => one !== "events-role" && one !== "retrain-role")) {
    it(`let whoever uses them ask what AWS's own policies for it ask of bucket and key: ${role}`, () => {
      const statements = policy(connected, role);
      const ofKey = statements.filter(({ Resource }) => list(Resource).includes(KEY));
      const written = resourcesFor(statements, "s3:PutObject").filter((resource) => resource.startsWith(BUCKET_ARN));
      const passesOn = written.some((resource) => resource.endsWith("/*") && !resource.endsWith("/checks/*"));

      for (const action of ["s3:GetBucketVersioning", "s3:GetBucketAcl", "s3:GetBucketLocation"]) {
        expect(resourcesFor(statements, action), action).to.deep.equal([BUCKET_ARN]);
      }
      expect(actionNames(ofKey)).to.have.members([
        ...["kms:Decrypt", "kms:DescribeKey"],
        ...(written.length > 0 ? ["kms:GenerateDataKey"] : []),
        ...(passesOn ? ["kms:Encrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"] : []),
      ]);
    });
  }

  it("are refused where they would be gone while somebody may still approve them", async () => {
    const refusal = await made({ artifactDays: 7, approvalTimeoutMinutes: 10_080 }).then(() => "none", String);

    expect(refusal).to.contain(
      "artifactDays must be at least a day more than approvalTimeoutMinutes, got 7 days and 10080 minutes",
    );
    expect((await made({ artifactDays: 8 })).made).not.to.deep.equal([]);
  });

  it("have random keys, which no build can learn by listing them", () => {
    const listing = Object.keys(ROLES).filter((role) =>
      policy(connected, role).some(
        ({ Action, Resource }) =>
          list(Action).some((action) => action.startsWith("s3:List")) && list(Resource).includes(BUCKET_ARN),
      ),
    );

    // CodePipeline's own, for the source action.
    expect(listing).to.deep.equal(["role"]);
  });
});
