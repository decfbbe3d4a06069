import * as pulumi from "@pulumi/pulumi";
import { SafeModel } from "../components/safe-model";
import { TrainingJob } from "../components/training-job";

/** What programs in other languages can declare. `tools/build.ts` makes the schema of these, from their arguments and doc comments. */
const COMPONENTS = { SafeModel, TrainingJob };

/**
 * Makes a component for a program in another language.
 *
 * @param type such as `sagemaker-safe-deploy:index:TrainingJob`
 */
export async function construct(
  name: string,
  type: string,
  inputs: pulumi.Inputs,
  options: pulumi.ComponentResourceOptions,
): Promise<pulumi.provider.ConstructResult> {
  const component = Object.entries(COMPONENTS).find(([each]) => type.endsWith(`:${each}`))?.[1];
  if (component === undefined) {
    throw new Error(`this plugin has no component ${type}: it has ${Object.keys(COMPONENTS).join(", ")}`);
  }
  // The SDK of the language has checked the arguments against the schema, which is made from their types.
  const made: unknown = Reflect.construct(component, [name, inputs, options]);
  if (!(made instanceof pulumi.ComponentResource)) {
    throw new Error(`${type} is no component`);
  }
  const { urn, ...fields } = made;
  return {
    urn,
    state: Object.fromEntries(Object.entries(fields).filter(([, value]) => pulumi.Output.isInstance(value))),
  };
}
