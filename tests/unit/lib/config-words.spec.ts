import { expect } from "chai";
import type { z } from "zod";
import { configSchemas, parseConfig } from "../../../lib/config";

/** What is said to be wrong, line by line. */
function problemsOf(parsing: () => unknown): string[] {
  try {
    parsing();
    return [];
  } catch (error) {
    return String(error).split("\n");
  }
}

describe("config that is refused", () => {
  it("says what a switch or a choice may be, and what it was", () => {
    const prod = { release: "r1", instanceType: "ml.m5.large", dashboard: "yes", auth: "key" };

    expect(problemsOf(() => parseConfig(configSchemas.prod, prod)).slice(1)).to.deep.equal([
      '  auth: must be iam, apiKey or none, got "key"',
      '  dashboard: must be true or false, got "yes"',
    ]);
  });

  const ANYTHING = ["yes", '"yes"', "[]", "[1]", "{}", "7", "", "true", "null", "-1", "0.5", "[{}]"];
  const MEMBERS = {
    driftMonitor: ["engine", "watched", "thresholds", "threshold", "schedule", "alarmAfter", "instanceType"],
    canary: ["intervalMinutes", "runtimeVersion"],
    qualityMonitor: ["problemType", "measure", "limit", "days", "schedule"],
    baselineSha256: ["statistics", "constraints"],
    retrain: ["alarmNames", "lookSchedule", "cooldownHours", "requireNewData"],
    beforeApproval: ["instanceTypes", "maxRuntimeSeconds", "networkAccess"],
    repository: ["type", "repository"],
    stackConfig: ["train", "prod"],
    strategy: ["type", "percent"],
    alarms: ["functionErrors"],
    qualityGate: ["minimum"],
    hyperparameters: ["eta"],
  };
  for (const [kind, schema] of Object.entries(configSchemas)) {
    it(`of ${kind} is refused in words of the project, whatever is wrong with it`, () => {
      for (const key of Object.keys(schema.shape)) {
        const members = key in MEMBERS ? MEMBERS[key as keyof typeof MEMBERS] : [];
        const values = members.flatMap((member) => ANYTHING.map((value) => `{"${member}":${value || '""'}}`));
        for (const value of [...ANYTHING, ...values]) {
          const said = problemsOf(() => parseConfig<z.ZodRawShape>(schema, { [key]: value }));
          expect(said.filter((line) => /Invalid|expected|received|Too /.test(line))).to.deep.equal([]);
        }
      }
    });
  }
});
