import {
  ROLLOUT_DEFAULTS,
  type LambdaRolloutInputs,
  type LambdaRolloutOutputs,
} from "../../../../components/providers/rollout/inputs";
import { ALIAS_ARN, FakeRollout, type FakeDeployment } from "./fake-rollout";
import type { TestAws } from "./test-aws";

export const ID = "mlops-nyctaxi-api:live";
export const PRE = "CodeDeployHook_pre";
export const POST = "CodeDeployHook_post";

export const given: LambdaRolloutInputs = {
  ...ROLLOUT_DEFAULTS,
  region: "us-east-1",
  functionName: "mlops-nyctaxi-api",
  functionVersion: "5",
  aliasName: "live",
  release: "R4",
  applicationName: "mlops-nyctaxi-api",
  deploymentGroupName: "live",
  preTrafficHook: PRE,
  postTrafficHook: POST,
  drainSeconds: 0,
  bakeSeconds: 0,
  pollSeconds: 0.002,
  timeoutSeconds: 5,
};

/** The state while release R3 serves. */
export const before: LambdaRolloutOutputs = {
  ...given,
  functionVersion: "3",
  release: "R3",
  aliasArn: ALIAS_ARN,
  liveRelease: "R3",
  liveVersion: "3",
  deploymentId: "d-0",
  outcome: "deployed",
  liveSince: "2026-01-01T00:00:00Z",
  history: ["R3", "R2"],
  ignoredAlarms: [],
};

export function fakeWithR3Live(): FakeRollout {
  const fake = new FakeRollout();
  fake.versions.set("3", { release: "R3", code: "sha-3" });
  fake.versions.set("5", { release: "R4", code: "sha-5" });
  fake.alias = { version: "3", weights: {} };
  return fake;
}

/** A canary as CodeDeploy runs it: hook, 10 %, 100 %, hook. */
export function canary(fake: FakeRollout): FakeDeployment["steps"] {
  return [
    (d) => d.events.push({ lifecycleEventName: "BeforeAllowTraffic", status: "InProgress" }),
    (d) => (d.events[0]!.status = "Succeeded"),
    (d) => {
      d.events.push({ lifecycleEventName: "AllowTraffic", status: "InProgress" });
      fake.alias!.weights = { "5": 0.1 };
    },
    () => undefined,
    (d) => {
      d.events[1]!.status = "Succeeded";
      fake.alias = { version: "5", weights: {} };
    },
    (d) => d.events.push({ lifecycleEventName: "AfterAllowTraffic", status: "Succeeded" }),
    (d) => {
      d.info.status = "Succeeded";
      d.info.completeTime = new Date("2026-02-01T12:00:00Z");
    },
  ];
}

/** A canary that an alarm stops at 10 %, and CodeDeploy's rollback of it. */
export function alarmed(fake: FakeRollout): FakeDeployment["steps"] {
  return [
    () => (fake.alias!.weights = { "5": 0.1 }),
    (d) => {
      fake.watch.alarms.push({ name: "api-errors", reason: "Threshold Crossed: 2 datapoints were greater than 0" });
      d.info.status = "Failed";
      d.info.errorInformation = { code: "ALARM_ACTIVE", message: "One or more alarms have been activated" };
      fake.add({
        id: "d-rollback",
        info: { status: "InProgress", creator: "codeDeployRollback" },
        steps: [
          () => undefined,
          (rollback) => {
            fake.alias!.weights = {};
            rollback.info.status = "Succeeded";
          },
        ],
      });
    },
  ];
}

/** The lines that were told, without what each begins with. */
export function told(aws: TestAws): string[] {
  return aws.told.map((line) => line.replace(`${ID}: `, ""));
}
