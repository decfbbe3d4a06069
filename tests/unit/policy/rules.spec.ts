import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as codedeploy from "@pulumi/aws/codedeploy";
import * as iam from "@pulumi/aws/iam";
import * as lambda from "@pulumi/aws/lambda";
import * as s3 from "@pulumi/aws/s3";
import * as sagemaker from "@pulumi/aws/sagemaker";
import * as sns from "@pulumi/aws/sns";
import { expect } from "chai";
import { encryption } from "../../../policy/rules/encryption";
import { functionLogs, logRetention } from "../../../policy/rules/logs";
import { attachedPolicies, leastPrivilege, passRole } from "../../../policy/rules/permissions";
import { publicBuckets } from "../../../policy/rules/public-buckets";
import { rollbackAlarms } from "../../../policy/rules/rollback-alarms";
import { declared, saysOf, saysOfStack, type Declared } from "./judge";

/** A role's inline policy with these statements. */
const grants = (...statements: object[]) =>
  declared(iam.RolePolicy, {
    policy: JSON.stringify({ Statement: statements.map((statement) => ({ Effect: "Allow", ...statement })) }),
  });

const BUCKET = "arn:aws:s3:::bucket/*";

describe("the policy pack", () => {
  describe("least-privilege", () => {
    const kept: Record<string, Declared> = {
      "named actions on a named resource": grants({ Action: ["s3:GetObject", "s3:List*"], Resource: BUCKET }),
      "every resource for what AWS lets none be named": grants({ Action: "ecr:getauthorizationtoken", Resource: "*" }),
      "every resource under a condition": grants({
        Action: "cloudwatch:PutMetricData",
        Resource: "*",
        Condition: { StringLike: { "cloudwatch:namespace": "/aws/sagemaker/*" } },
      }),
      "what is denied": grants({ Effect: "Deny", Action: "s3:*", Resource: "*" }),
      "a boundary's own document": declared(iam.Policy, { policy: { Statement: [{ Effect: "Allow", Action: "*" }] } }),
      "a managed policy of few actions": declared(iam.RolePolicyAttachment, {
        policyArn: "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
      }),
    };
    for (const [what, resource] of Object.entries(kept)) {
      it(`lets ${what} pass`, async () => {
        expect(await saysOf(leastPrivilege, resource)).to.deep.equal([]);
      });
    }

    const broken: Record<string, [Declared, RegExp]> = {
      "every action": [grants({ Action: "*", Resource: BUCKET }), /^statement 1 allows \*: name the actions$/],
      "every action of a service": [grants({ Action: "s3:*", Resource: BUCKET }), /s3:\*: name the actions/],
      "all but some actions": [grants({ NotAction: "iam:*", Resource: BUCKET }), /allows \*: name the actions/],
      "every resource": [
        grants(
          { Action: "sqs:SendMessage", Resource: ["arn:aws:sqs:eu-west-1:1:queue"] },
          { Action: "s3:GetObject", Resource: "*" },
        ),
        /^statement 2 allows s3:GetObject on every resource/,
      ],
      "every resource of a service": [grants({ Action: "s3:GetObject", Resource: "arn:aws:s3:::*" }), /every resource/],
      "all but some resources": [grants({ Action: "s3:GetObject", NotResource: BUCKET }), /every resource/],
      "metrics of every namespace": [grants({ Action: "cloudwatch:PutMetricData", Resource: "*" }), /every resource/],
      "a role's inline policy": [
        declared(iam.Role, {
          inlinePolicies: [{ policy: '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}' }],
        }),
        /name the actions/,
      ],
      "AWS's policy for administrators": [
        declared(iam.Role, { managedPolicyArns: ["arn:aws:iam::aws:policy/AdministratorAccess"] }),
        /AdministratorAccess allows whole services/,
      ],
      "AWS's policy for a whole service": [
        declared(iam.RolePolicyAttachment, { policyArn: "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess" }),
        /AmazonSageMakerFullAccess allows whole services/,
      ],
    };
    for (const [what, [resource, message]] of Object.entries(broken)) {
      it(`refuses ${what}`, async () => {
        expect((await saysOf(leastPrivilege, resource)).join("\n")).to.match(message);
      });
    }

    it("lets pass what its config allows", async () => {
      const resource = grants({ Action: "xray:PutTraceSegments", Resource: "*" });
      expect(await saysOf(leastPrivilege, resource)).to.have.length(1);
      expect(await saysOf(leastPrivilege, resource, { allowedActions: ["xray:PutTraceSegments"] })).to.deep.equal([]);
    });

    it("lets a function into a VPC as AWS's own policy does, beside what else it may", async () => {
      const names = [
        "CreateNetworkInterface",
        "DescribeNetworkInterfaces",
        "DescribeSubnets",
        "DeleteNetworkInterface",
      ];
      const wanted = [...names, "AssignPrivateIpAddresses", "UnassignPrivateIpAddresses"].map((name) => `ec2:${name}`);
      const verdict = "codedeploy:PutLifecycleEventHookExecutionStatus";
      expect(await saysOf(leastPrivilege, grants({ Action: [...wanted, verdict], Resource: "*" }))).to.deep.equal([]);
      expect(await saysOf(leastPrivilege, grants({ Action: wanted.slice(0, 4), Resource: "*" }))).to.have.length(2);
    });

    it("lets the log role of API Gateway have what API Gateway wants, and nothing more", async () => {
      const names = ["CreateLogGroup", "CreateLogStream", "DescribeLogGroups", "DescribeLogStreams"];
      const wanted = [...names, "PutLogEvents", "GetLogEvents", "FilterLogEvents"].map((name) => `logs:${name}`);
      expect(await saysOf(leastPrivilege, grants({ Action: wanted, Resource: "*" }))).to.deep.equal([]);
      expect(
        await saysOf(leastPrivilege, grants({ Action: [...wanted, "logs:DeleteLogGroup"], Resource: "*" })),
      ).to.have.length(8);
    });
  });

  describe("least-privilege-of-attached-policies", () => {
    const policy = (arn: string, action: string) =>
      declared(iam.Policy, { arn, policy: { Statement: [{ Effect: "Allow", Action: action, Resource: "*" }] } });

    it("refuses what an attached policy allows too much, and lets a boundary be", async () => {
      const said = await saysOfStack(attachedPolicies, [
        policy("arn:boundary", "s3:*"),
        policy("arn:attached", "iam:PassRole"),
        declared(iam.RolePolicyAttachment, { policyArn: "arn:attached" }),
      ]);
      expect(said.join("\n")).to.match(/^statement 1 allows iam:PassRole on every resource.*\n.*iam:PassedToService$/);
    });
  });

  describe("pass-role-to-a-service", () => {
    const Resource = "arn:aws:iam::123456789012:role/endpoint";

    it("lets a role be passed to a service", async () => {
      const Condition = { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } };
      const resource = grants({ Action: "iam:PassRole", Resource, Condition }, { Action: "iam:GetRole", Resource });
      expect(await saysOf(passRole, resource)).to.deep.equal([]);
    });

    for (const action of ["iam:PassRole", "iam:passrole", "iam:Pass*", "iam:*", "*", "iam:Pass?ole"]) {
      it(`refuses ${action} to any service`, async () => {
        expect((await saysOf(passRole, grants({ Action: action, Resource }))).join("\n")).to.match(
          /^statement 1 allows iam:PassRole to any service/,
        );
      });
    }
  });

  describe("no-public-bucket", () => {
    const closed = {
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    };
    const opens = (statement: object) =>
      declared(s3.BucketPolicy, { policy: JSON.stringify({ Statement: [{ Action: "s3:GetObject", ...statement }] }) });
    const account = "arn:aws:iam::123456789012:root";

    it("lets a closed bucket pass", async () => {
      for (const resource of [
        declared(s3.Bucket, { bucketPrefix: "models-" }),
        declared(s3.BucketPublicAccessBlock, closed),
        declared(s3.BucketAcl, { acl: "private" }),
        opens({ Effect: "Deny", Principal: "*" }),
        opens({ Effect: "Allow", Principal: { AWS: account } }),
        opens({ Effect: "Allow", Principal: "*", Condition: { StringEquals: { "aws:SourceVpce": "vpce-1" } } }),
      ]) {
        expect(await saysOf(publicBuckets, resource)).to.deep.equal([]);
      }
    });

    it("refuses a block that is off or left out", async () => {
      const { ignorePublicAcls, ...others } = closed;
      expect(ignorePublicAcls).to.equal(true);
      const block = declared(s3.BucketPublicAccessBlock, { ...others, blockPublicPolicy: false });
      expect(await saysOf(publicBuckets, block)).to.deep.equal([
        "blockPublicPolicy must be true",
        "ignorePublicAcls must be true",
      ]);
    });

    const broken: Record<string, [Declared, RegExp]> = {
      "a public ACL": [declared(s3.Bucket, { acl: "public-read" }), /ACL public-read lets others in/],
      "a public ACL beside the bucket": [declared(s3.BucketAcl, { acl: "public-read-write" }), /public-read-write/],
      "a grant to everybody": [
        declared(s3.BucketAcl, {
          accessControlPolicy: {
            grants: [{ grantee: { uri: "http://acs.amazonaws.com/groups/global/AllUsers" }, permission: "READ" }],
          },
        }),
        /global\/AllUsers access/,
      ],
      "a policy for everybody": [opens({ Effect: "Allow", Principal: "*" }), /statement 1 .* lets everybody in/],
      "a policy for every account": [opens({ Effect: "Allow", Principal: { AWS: ["*"] } }), /lets everybody in/],
      "a policy for all but one": [opens({ Effect: "Allow", NotPrincipal: { AWS: account } }), /lets everybody in/],
    };
    for (const [what, [resource, message]] of Object.entries(broken)) {
      it(`refuses ${what}`, async () => {
        expect((await saysOf(publicBuckets, resource)).join("\n")).to.match(message);
      });
    }
  });

  describe("encryption", () => {
    it("refuses a topic without a key", async () => {
      expect(await saysOf(encryption, declared(sns.Topic, { kmsMasterKeyId: "alias/topics" }))).to.deep.equal([]);
      expect(await saysOf(encryption, declared(sns.Topic, { name: "told" }))).to.deep.equal([
        "kmsMasterKeyId is not set: set it to a KMS key",
      ]);
    });

    it("asks for own keys only where it is told to", async () => {
      const rules = [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }];
      const without = [
        declared(sagemaker.EndpointConfiguration, { dataCaptureConfig: { enableCapture: true } }),
        declared(lambda.Function, { name: "api" }),
        declared(s3.BucketServerSideEncryptionConfiguration, { rules }),
        declared("pulumi-nodejs:dynamic/sagemaker-safe-deploy:TrainingJobRun", { jobName: "r1" }),
      ];
      const said = await Promise.all(without.map((resource) => saysOf(encryption, resource, { ownKeys: true })));
      expect(said.map((messages) => messages.map((message) => message.split(" ")[0]))).to.deep.equal([
        ["kmsKeyArn", "dataCaptureConfig.kmsKeyId"],
        ["kmsKeyArn"],
        ["kmsMasterKeyId"],
        ["outputKmsKeyId"],
      ]);
      expect((await Promise.all(without.map((resource) => saysOf(encryption, resource)))).flat()).to.deep.equal([]);
    });
  });

  describe("log-retention", () => {
    it("refuses a group that keeps its logs for ever", async () => {
      expect(await saysOf(logRetention, declared(cloudwatch.LogGroup, { retentionInDays: 365 }))).to.deep.equal([]);
      for (const props of [{}, { retentionInDays: 0 }]) {
        expect((await saysOf(logRetention, declared(cloudwatch.LogGroup, props))).join()).to.contain("kept for ever");
      }
    });
  });

  describe("log-retention-of-functions", () => {
    const called = (name: string, logGroup: string) => declared(lambda.Function, { name, loggingConfig: { logGroup } });

    it("refuses a function whose log group is not declared", async () => {
      const said = await saysOfStack(functionLogs, [
        declared(cloudwatch.LogGroup, { name: "/aws/lambda/api" }),
        declared(cloudwatch.LogGroup, { name: "own" }),
        called("api", ""),
        called("hook", "own"),
        called("other", ""),
      ]);
      expect(said).to.deep.equal([
        "declare the log group /aws/lambda/other with retentionInDays: Lambda's own is kept for ever",
      ]);
    });
  });

  describe("rollback-alarms", () => {
    const events = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"];
    const alarmConfiguration = { enabled: true, alarms: ["faults"] };
    const autoRollbackConfiguration = { enabled: true, events };
    const group = (props: object) =>
      declared(codedeploy.DeploymentGroup, { alarmConfiguration, autoRollbackConfiguration, ...props });

    it("lets a group that watches and goes back pass", async () => {
      expect(await saysOf(rollbackAlarms, group({}))).to.deep.equal([]);
    });

    const broken: Record<string, [object, RegExp]> = {
      "no alarms at all": [{ alarmConfiguration: undefined }, /names no alarm/],
      "a list without an alarm": [{ alarmConfiguration: { enabled: true, alarms: [] } }, /names no alarm/],
      "alarms that are not watched": [
        { alarmConfiguration: { ...alarmConfiguration, enabled: false } },
        /names no alarm/,
      ],
      "alarms that may be unreadable": [
        { alarmConfiguration: { ...alarmConfiguration, ignorePollAlarmFailure: true } },
        /ignorePollAlarmFailure must be false/,
      ],
      "no rollback": [{ autoRollbackConfiguration: { enabled: false, events } }, /FAILURE.*\n.*STOP_ON_ALARM/],
      "a rollback for failures alone": [
        { autoRollbackConfiguration: { enabled: true, events: ["DEPLOYMENT_FAILURE"] } },
        /^autoRollbackConfiguration does not go back on DEPLOYMENT_STOP_ON_ALARM/,
      ],
    };
    for (const [what, [props, message]] of Object.entries(broken)) {
      it(`refuses ${what}`, async () => {
        expect((await saysOf(rollbackAlarms, group(props))).join("\n")).to.match(message);
      });
    }
  });
});
