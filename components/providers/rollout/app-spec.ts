import type { LambdaRolloutInputs } from "./rollout-inputs";

type Inputs = Pick<
  LambdaRolloutInputs,
  "functionName" | "aliasName" | "functionVersion" | "preTrafficHook" | "postTrafficHook"
>;

/**
 * What CodeDeploy is to do, in its own form.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html
 */
export function appSpec(inputs: Inputs, currentVersion: string): string {
  const hooks = [{ BeforeAllowTraffic: inputs.preTrafficHook }, { AfterAllowTraffic: inputs.postTrafficHook }].filter(
    (hook) => Object.values(hook).some((name) => name !== undefined),
  );
  const body = {
    Resources: [
      {
        [inputs.functionName]: {
          Type: "AWS::Lambda::Function",
          Properties: {
            Name: inputs.functionName,
            Alias: inputs.aliasName,
            CurrentVersion: currentVersion,
            TargetVersion: inputs.functionVersion,
          },
        },
      },
    ],
    ...(hooks.length > 0 ? { Hooks: hooks } : {}),
  };
  // CodeDeploy allows one version only, 0.0, and JavaScript would write that number as 0.
  return `{"version":0.0,${JSON.stringify(body).slice(1)}`;
}
