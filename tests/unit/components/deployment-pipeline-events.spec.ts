import { expect } from "chai";
import {
  actionsOf,
  AT,
  BUCKET,
  made,
  PIPELINE,
  policy,
  resourcesFor,
  RULE,
  TARGET,
  TOPIC,
  type Made,
} from "../../support/deployment-pipeline";

describe("events of DeploymentPipeline", () => {
  let connected: Made;
  before(async () => {
    connected = await made({ pullRequests: true });
  });

  describe("starts", () => {
    it("by a push to the branch of a connected repository", () => {
      expect(connected.find(PIPELINE, "pipeline").inputs.triggers).to.deep.equal([
        {
          providerType: "CodeStarSourceConnection",
          gitConfiguration: { sourceActionName: "Code", pushes: [{ branches: { includes: ["main"] } }] },
        },
      ]);
    });

    it("by a push to a CodeCommit repository, which EventBridge tells", async () => {
      const commits = await made({ repository: { type: "codecommit", repository: "taxi", branch: "main" } });

      const [code] = actionsOf(commits);
      expect(code).to.deep.include({ provider: "CodeCommit", namespace: "Code", outputArtifacts: ["SourceCode"] });
      expect(code!.configuration).to.deep.equal({
        RepositoryName: "taxi",
        BranchName: "main",
        PollForSourceChanges: "false",
      });
      expect(commits.find(PIPELINE).inputs.triggers).to.equal(undefined);
      expect(JSON.parse(commits.find(RULE, "-push").inputs.eventPattern as string)).to.deep.equal({
        source: ["aws.codecommit"],
        "detail-type": ["CodeCommit Repository State Change"],
        resources: [`arn:aws:codecommit:${AT}:taxi`],
        detail: {
          event: ["referenceCreated", "referenceUpdated"],
          referenceType: ["branch"],
          referenceName: ["main"],
        },
      });
      expect(resourcesFor(policy(commits, "role"), "codecommit:GetBranch")).to.deep.equal([
        `arn:aws:codecommit:${AT}:taxi`,
      ]);
    });

    it("by a new data object, under EventBridge's own role", () => {
      const { inputs } = connected.find(RULE, "-data");

      expect(JSON.parse(inputs.eventPattern as string)).to.deep.equal({
        source: ["aws.s3"],
        "detail-type": ["Object Created"],
        detail: { bucket: { name: [BUCKET] }, object: { key: ["mlops-nyctaxi-pipeline/data-source.zip"] } },
      });
      expect(connected.find(TARGET, "-data").inputs).to.deep.equal({
        rule: "mlops-nyctaxi-pipeline-data",
        arn: `arn:aws:test:${AT}:pipeline`,
        roleArn: `arn:aws:test:${AT}:pipeline-events-role`,
      });
      expect(connected.find("aws:s3/bucketNotification:BucketNotification").inputs.eventbridge).to.equal(true);
    });

    it("by the calendar only where that is turned on", async () => {
      expect(connected.find(RULE, "-schedule").inputs).to.deep.include({
        scheduleExpression: "cron(0 12 1 * ? *)",
        state: "DISABLED",
      });

      const weekly = await made({ schedule: { expression: "rate(7 days)", enabled: true } });
      expect(weekly.find(RULE, "-schedule").inputs).to.deep.include({
        scheduleExpression: "rate(7 days)",
        state: "ENABLED",
      });
    });
  });

  describe("tells people", () => {
    it("of start, failure and success, by a topic that EventBridge and alarms may publish to and encrypt for", () => {
      const told = ["-started", "-failed", "-deployed"].map((what) => {
        const pattern = JSON.parse(connected.find(RULE, what).inputs.eventPattern as string) as {
          detail: { state: string[]; pipeline: string[] };
        };
        const { arn, roleArn, inputTransformer } = connected.find(TARGET, what).inputs;
        expect([arn, roleArn]).to.deep.equal([TOPIC, undefined]);
        expect(pattern.detail.pipeline).to.deep.equal(["mlops-nyctaxi-pipeline"]);
        return [pattern.detail.state[0], (inputTransformer as { inputTemplate: string }).inputTemplate];
      });

      expect(told).to.deep.equal([
        ["STARTED", '"Pipeline mlops-nyctaxi-pipeline: execution <execution> has started."'],
        ["FAILED", '"Pipeline mlops-nyctaxi-pipeline: stage <stage> of execution <execution> has failed."'],
        ["SUCCEEDED", '"Pipeline mlops-nyctaxi-pipeline: execution <execution> is deployed."'],
      ]);
      const topic = JSON.parse(connected.find("aws:sns/topicPolicy:TopicPolicy").inputs.policy as string) as object;
      expect(topic).to.deep.include({
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: ["events.amazonaws.com", "cloudwatch.amazonaws.com"] },
            Action: "sns:Publish",
            Resource: TOPIC,
            Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
          },
        ],
      });
      const key = connected.find("aws:kms/key:Key").inputs.policy as string;
      expect((JSON.parse(key) as { Statement: unknown[] }).Statement).to.deep.include({
        Sid: "Messages",
        Effect: "Allow",
        Principal: { Service: ["events.amazonaws.com", "cloudwatch.amazonaws.com"] },
        Action: ["kms:Decrypt", "kms:GenerateDataKey"],
        Resource: "*",
        Condition: {
          StringEquals: {
            "kms:EncryptionContext:aws:sns:topicArn": `arn:aws:sns:${AT}:mlops-nyctaxi-pipeline-notifications`,
          },
        },
      });
    });

    it("at an address, where one is given", async () => {
      const subscription = "aws:sns/topicSubscription:TopicSubscription";
      expect(connected.made.some(({ type }) => type === subscription)).to.equal(false);

      const mailed = await made({ notificationEmail: "team@example.com" });
      expect(mailed.find(subscription).inputs).to.deep.equal({
        topic: TOPIC,
        protocol: "email",
        endpoint: "team@example.com",
      });
    });
  });
});
