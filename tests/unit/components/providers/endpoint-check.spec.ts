import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  UpdateEndpointCommand,
  type DescribeEndpointOutput,
  type UpdateEndpointInput,
} from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { endpointCheck } from "../../../../components/providers";
import type { EndpointCheckInputs } from "../../../../components/providers/endpoint-check-provider";
import { AwsError } from "local-aws/core/aws-error";
import { jsonRpcService } from "local-aws/core/json-rpc";
import { operation } from "local-aws/core/operation";
import { failureOf, serverError, startAws, throttled, type TestAws } from "./test-aws";

const NAME = "mlops-nyctaxi-prd-r1";
const WANTED = "prd-r1-b";
const OLD = "prd-r1-a";

type Look = Required<Pick<DescribeEndpointOutput, "EndpointStatus" | "EndpointConfigName">> & {
  FailureReason?: string;
  ProductionVariants?: DescribeEndpointOutput["ProductionVariants"];
};
const inService: Look = { EndpointStatus: "InService", EndpointConfigName: WANTED };
/** What SageMaker calls a configuration of its own, for an endpoint that it has scaled. */
const SCALED = "Scaled-1";
const variants = (type: string, count: number) => [
  { VariantName: "v", ModelName: "m", InstanceType: type as "ml.m5.large", InitialInstanceCount: count },
];
const CONFIGS: Readonly<Record<string, ReturnType<typeof variants>>> = {
  [WANTED]: variants("ml.m5.large", 1),
  [OLD]: variants("ml.m4.large", 1),
  [SCALED]: variants("ml.m5.large", 4),
};
const updating: Look = { EndpointStatus: "Updating", EndpointConfigName: OLD };

describe("the provider of EndpointCheck", () => {
  /** What one look at the endpoint after the other shows, the last of it for ever; none if it is gone. */
  let looks: Look[];
  /** What the endpoint is to become, and what looks show after that. */
  let updates: UpdateEndpointInput[];
  let afterUpdate: Look[];
  let aws: TestAws;
  let inputs: EndpointCheckInputs;

  const sageMaker = jsonRpcService("SageMaker", [
    operation(DescribeEndpointCommand, ({ EndpointName }) => {
      const look = looks.length > 1 ? looks.shift() : looks[0];
      if (look === undefined || EndpointName !== NAME) {
        throw new AwsError(
          "ValidationException",
          `Could not find endpoint "arn:aws:sagemaker:endpoint/${EndpointName}".`,
        );
      }
      const now = new Date();
      return {
        EndpointName,
        EndpointArn: `arn:aws:sagemaker:us-east-1:123456789012:endpoint/${EndpointName}`,
        CreationTime: now,
        LastModifiedTime: now,
        ...look,
      };
    }),
    operation(DescribeEndpointConfigCommand, ({ EndpointConfigName }) => ({
      EndpointConfigName,
      EndpointConfigArn: `arn:aws:sagemaker:us-east-1:123456789012:endpoint-config/${EndpointConfigName}`,
      CreationTime: new Date(),
      ProductionVariants: CONFIGS[EndpointConfigName],
    })),
    operation(UpdateEndpointCommand, (input) => {
      updates.push(input);
      looks = afterUpdate;
      return { EndpointArn: "arn" };
    }),
  ]);

  beforeEach(async () => {
    looks = [inService];
    updates = [];
    afterUpdate = [updating, inService];
    aws = await startAws({ sagemaker: sageMaker });
    inputs = {
      region: "us-east-1",
      endpointName: NAME,
      endpointConfigName: WANTED,
      pollSeconds: 0.002,
      timeoutSeconds: 5,
    };
  });
  afterEach(() => aws.close());

  describe("check", () => {
    it("adds how long an endpoint is waited for", async () => {
      const given = { region: "us-east-1", endpointName: NAME, endpointConfigName: WANTED };

      expect(await endpointCheck.check({}, given as EndpointCheckInputs)).to.deep.equal({
        inputs: { ...given, pollSeconds: 15, timeoutSeconds: 3600 },
        failures: [],
      });
    });

    it("names each property that cannot be", async () => {
      const { failures = [] } = await endpointCheck.check({}, { ...inputs, endpointName: "", pollSeconds: 0 });

      expect(failures.map(({ property }) => property)).to.have.members(["endpointName", "pollSeconds"]);
    });
  });

  describe("create", () => {
    it("passes an endpoint that serves the wanted configuration", async () => {
      expect(await endpointCheck.create(inputs)).to.deep.equal({
        id: NAME,
        outs: { ...inputs, status: "InService" },
      });
      expect(aws.calls).to.deep.equal(["DescribeEndpoint"]);
      expect(aws.told).to.deep.equal([]);
    });

    it("waits while the endpoint is updated, and tells it once", async () => {
      looks = [updating, updating, inService];

      expect((await endpointCheck.create(inputs)).outs).to.have.property("status", "InService");
      expect(aws.calls).to.have.length(3);
      expect(aws.told).to.deep.equal([`endpoint ${NAME}: Updating`]);
    });

    it("leaves an endpoint alone that SageMaker has scaled and given a configuration of its own", async () => {
      looks = [{ EndpointStatus: "InService", EndpointConfigName: SCALED }];

      expect((await endpointCheck.create(inputs)).outs).to.have.property("status", "InService");
      expect(updates).to.deep.equal([]);
    });

    it("fails where SageMaker went back to the old configuration without calling it a failure", async () => {
      looks = [{ EndpointStatus: "InService", EndpointConfigName: OLD }];
      afterUpdate = [
        { ...updating, EndpointStatus: "RollingBack" },
        { EndpointStatus: "InService", EndpointConfigName: OLD, FailureReason: "The model data cannot be read." },
      ];

      expect((await failureOf(endpointCheck.create(inputs))).message).to.equal(
        `endpoint ${NAME} is InService with configuration ${OLD}, not with ${WANTED}: The model data cannot be read.\n` +
          `Its containers log to /aws/sagemaker/Endpoints/${NAME}`,
      );
      expect(aws.told).to.deep.equal([`endpoint ${NAME}: Updating`, `endpoint ${NAME}: RollingBack`]);
      expect(updates).to.have.length(1);
    });

    it("fails where the endpoint failed, with SageMaker's reason or without", async () => {
      looks = [{ EndpointStatus: "Failed", EndpointConfigName: WANTED, FailureReason: "no instances" }];
      expect((await failureOf(endpointCheck.create(inputs))).message).to.match(/ is Failed .*: no instances/);

      looks = [{ EndpointStatus: "Failed", EndpointConfigName: WANTED }];
      expect((await failureOf(endpointCheck.create(inputs))).message).to.contain("SageMaker gives no reason");
    });

    it("gives up after its time, saying what to do", async () => {
      looks = [updating];

      expect((await failureOf(endpointCheck.create({ ...inputs, timeoutSeconds: 0.05 }))).message).to.equal(
        `endpoint ${NAME} has not settled within timeoutSeconds (0.05): run pulumi up again`,
      );
    });

    it("outlasts trouble that passes by itself", async () => {
      aws.trouble("DescribeEndpoint", throttled(), serverError(), "dropped");

      expect((await endpointCheck.create(inputs)).outs).to.have.property("status", "InService");
      expect(aws.calls).to.have.length(4);
    });

    it("fails at once for an endpoint that is not there", async () => {
      looks = [];

      expect((await failureOf(endpointCheck.create(inputs))).message).to.contain("Could not find endpoint");
      expect(aws.calls).to.have.length(1);
    });
  });

  describe("update", () => {
    const olds = () => ({ ...inputs, endpointConfigName: OLD, status: "InService" });
    beforeEach(() => {
      looks = [{ EndpointStatus: "InService", EndpointConfigName: OLD }];
    });

    it("gives the endpoint the new configuration, with the instances that it has", async () => {
      const news = { ...inputs, retainsInstances: true };

      expect(await endpointCheck.update(NAME, olds(), news)).to.deep.equal({ outs: { ...news, status: "InService" } });
      expect(updates).to.deep.equal([
        { EndpointName: NAME, EndpointConfigName: WANTED, RetainAllVariantProperties: true },
      ]);
    });

    it("goes on with an update that an interrupted run has begun", async () => {
      looks = [updating, inService];

      await endpointCheck.update(NAME, olds(), inputs);
      expect(updates).to.deep.equal([]);
    });

    it("waits where the endpoint is being scaled just then", async () => {
      aws.trouble(
        "UpdateEndpoint",
        new AwsError("ValidationException", 'Cannot update in-progress endpoint "arn:aws:sagemaker:endpoint/e".'),
      );

      await endpointCheck.update(NAME, olds(), inputs);
      expect(aws.calls.filter((call) => call === "UpdateEndpoint")).to.have.length(2);
    });

    it("says how SageMaker is to replace the instances", async () => {
      const size = { type: "CAPACITY_PERCENT" as const, value: 10 };
      const alarms = [{ alarmName: "faults" }];
      const Size = { Type: "CAPACITY_PERCENT", Value: 10 };
      const AutoRollbackConfiguration = { Alarms: [{ AlarmName: "faults" }] };
      const routing = { type: "CANARY" as const, waitIntervalInSeconds: 60, canarySize: size };
      const blueGreenUpdatePolicy = { trafficRoutingConfiguration: routing, terminationWaitInSeconds: 5 };
      const rollingUpdatePolicy = { maximumBatchSize: size, waitIntervalInSeconds: 60 };
      for (const policy of [{ blueGreenUpdatePolicy }, { rollingUpdatePolicy }]) {
        looks = [{ EndpointStatus: "InService", EndpointConfigName: OLD }];
        const deploymentConfig = { autoRollbackConfiguration: { alarms }, ...policy };
        await endpointCheck.update(NAME, olds(), { ...inputs, deploymentConfig });
      }

      const TrafficRoutingConfiguration = { Type: "CANARY", WaitIntervalInSeconds: 60, CanarySize: Size };
      expect(updates.map(({ DeploymentConfig }) => DeploymentConfig)).to.deep.equal([
        {
          AutoRollbackConfiguration,
          BlueGreenUpdatePolicy: { TrafficRoutingConfiguration, TerminationWaitInSeconds: 5 },
        },
        { AutoRollbackConfiguration, RollingUpdatePolicy: { MaximumBatchSize: Size, WaitIntervalInSeconds: 60 } },
      ]);
    });
  });

  describe("read", () => {
    const read = () => endpointCheck.read(NAME, { ...inputs, status: "InService" });

    it("shows the status of an endpoint with its configuration", async () => {
      expect(await read()).to.deep.equal({ id: NAME, props: { ...inputs, status: "InService" } });
      looks = [{ EndpointStatus: "Failed", EndpointConfigName: WANTED }];
      expect((await read()).props).to.have.property("status", "Failed");
    });

    it("shows that somebody gave the endpoint another configuration", async () => {
      looks = [{ EndpointStatus: "InService", EndpointConfigName: OLD }];
      expect((await read()).props).to.have.property("status", "OtherConfiguration");
      looks = [{ EndpointStatus: "InService", EndpointConfigName: SCALED }];
      expect((await read()).props).to.have.property("status", "InService");
    });

    it("is empty where the endpoint is gone", async () => {
      looks = [];
      expect(await read()).to.deep.equal({});
    });

    it("fails where it is not allowed to look, instead of taking the endpoint for gone", async () => {
      aws.trouble("DescribeEndpoint", new AwsError("AccessDeniedException", "not yours", 400));
      expect((await failureOf(read())).message).to.contain("not yours");
    });
  });

  describe("diff", () => {
    const diff = (olds: object, news: object = {}) =>
      endpointCheck.diff(NAME, { ...inputs, status: "InService", ...olds }, { ...inputs, ...news });

    it("finds no change where all is as it was", async () => {
      expect(await diff({})).to.deep.equal({ changes: false, replaces: [] });
    });

    it("looks again where the last look saw anything but an endpoint in service", async () => {
      for (const status of ["Failed", "Updating", "OtherConfiguration"]) {
        expect(await diff({ status })).to.deep.equal({ changes: true, replaces: [] });
      }
    });

    it("updates for another configuration, and replaces for another endpoint", async () => {
      expect(await diff({}, { endpointConfigName: "other" })).to.deep.equal({ changes: true, replaces: [] });
      expect(await diff({}, { endpointName: "other" })).to.deep.equal({ changes: true, replaces: ["endpointName"] });
    });
  });

  describe("delete", () => {
    const variant = (now: number, wanted: number) => ({
      ProductionVariants: [{ VariantName: "v", CurrentInstanceCount: now, DesiredInstanceCount: wanted }],
    });

    it("waits until the endpoint is at rest, since it is deleted next, and changes nothing", async () => {
      looks = [updating, { ...inService, ...variant(1, 3) }, { ...inService, ...variant(3, 3) }];

      await endpointCheck.delete(NAME, { ...inputs, status: "InService" });

      expect(aws.calls).to.deep.equal(Array(3).fill("DescribeEndpoint"));
      expect(aws.told).to.deep.equal([`endpoint ${NAME}: waiting until SageMaker has ended its work on it`]);
    });

    it("waits for nothing where the endpoint has failed or is gone", async () => {
      for (const there of [[{ EndpointStatus: "Failed", EndpointConfigName: WANTED } as const], []]) {
        looks = there;
        await endpointCheck.delete(NAME, { ...inputs, status: "InService" });
      }
      expect(aws.calls).to.have.length(2);
    });

    it("gives up after its time", async () => {
      looks = [updating];

      const error = await failureOf(
        endpointCheck.delete(NAME, { ...inputs, timeoutSeconds: 0.05, status: "InService" }),
      );
      expect(error.message).to.equal(
        `endpoint ${NAME} has not come to rest within timeoutSeconds (0.05): run pulumi again`,
      );
    });
  });
});
