import { expect } from "chai";
import { appSpecText, parseAppSpec, reversed } from "../../services/codedeploy/app-spec";
import { appSpec } from "./fixture";

const HOOKS = { BeforeAllowTraffic: "CodeDeployHook_pre", AfterAllowTraffic: "CodeDeployHook_post" };
const READ = {
  functionName: "mlops-nyctaxi-api",
  alias: "live",
  currentVersion: "1",
  targetVersion: "2",
  hooks: HOOKS,
};
const YAML = `
version: 0.0
Resources:
  - api:
      Type: AWS::Lambda::Function
      Properties:
        Name: mlops-nyctaxi-api
        Alias: live
        CurrentVersion: 1
        TargetVersion: "2"
Hooks:
  - BeforeAllowTraffic: CodeDeployHook_pre
  - AfterAllowTraffic: CodeDeployHook_post
`;

describe("An AppSpec", () => {
  it("is read as JSON", () => expect(parseAppSpec(JSON.stringify(appSpec(HOOKS)))).to.deep.equal(READ));
  it("is read as YAML", () => expect(parseAppSpec(YAML)).to.deep.equal(READ));

  it("is turned round for a rollback, without hooks", () => {
    const { spec, revision } = reversed(parseAppSpec(YAML));
    expect(spec).to.deep.equal({ ...READ, currentVersion: "2", targetVersion: "1", hooks: {} });
    expect(parseAppSpec(appSpecText(revision))).to.deep.equal(spec);
  });

  for (const [what, text, message] of [
    ["neither JSON nor YAML", "{", "It is neither JSON nor YAML"],
    ["empty", "", "Invalid input"],
    ["of another version", YAML.replace("0.0", "0.1"), "version: must be 0.0"],
    [
      "without a resource",
      YAML.replace(/Resources:[^]*Hooks/, "Resources: []\nHooks"),
      "exactly one AWS::Lambda::Function",
    ],
    ["for another type", YAML.replace("AWS::Lambda::Function", "AWS::ECS::Service"), "Resources.0.api.Type"],
    ["without a version", YAML.replace("CurrentVersion: 1", ""), "Resources.0.api.Properties.CurrentVersion"],
    ["with nothing to do", YAML.replace('"2"', '"1"'), "CurrentVersion and TargetVersion are both 1"],
    ["with an unknown hook", YAML.replace("AfterAllowTraffic", "AfterInstall"), "AfterInstall"],
  ] as const) {
    it(`that is ${what} is told as CodeDeploy tells it`, () => {
      expect(() => parseAppSpec(text))
        .to.throw(message)
        .with.property("message")
        .that.matches(
          /^The deployment failed because the AppSpec file that specifies the AWS Lambda deployment configuration is missing/,
        );
    });
  }

  it("is refused where its sha256 is another one", () => {
    const revision = { revisionType: "AppSpecContent" as const, appSpecContent: { content: YAML, sha256: "00" } };
    expect(() => appSpecText(revision)).to.throw(/^The sha256 of the content is [0-9a-f]{64}, not 00\.$/);
  });

  it("in S3 is named as not built", () => {
    expect(() => appSpecText({ revisionType: "S3" })).to.throw("a revision of type S3");
  });
});
