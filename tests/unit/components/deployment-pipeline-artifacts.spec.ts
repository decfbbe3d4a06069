import { expect } from "chai";
import { AT, BUCKET, BUCKET_ARN, made, PIPELINE, PROJECT, type Made } from "../../support/deployment-pipeline";

const KEY = `arn:aws:test:${AT}:pipeline-key`;

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
      find("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration").inputs.rules,
    ).to.deep.equal([{ applyServerSideEncryptionByDefault: encryption, bucketKeyEnabled: true }]);
    expect(find("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs).to.deep.include({
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

    const { rules } = find("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").inputs as {
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
});
