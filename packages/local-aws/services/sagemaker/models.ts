import {
  CreateModelCommand,
  DeleteModelCommand,
  DescribeModelCommand,
  ListModelsCommand,
  type CreateModelCommandInput,
} from "@aws-sdk/client-sagemaker";
import { notPartOfLocal } from "../../core/aws-error";
import { operation, type Checked, type Operation } from "../../core/operation";
import { sageMakerArn, type Context } from "./context";
import { invalid, refuseMembers } from "./errors";
import { listPage } from "./listing";
import type { Model } from "./model";

/** The model of that name. @throws AwsError `ValidationException` if there is none. */
export function modelNamed(context: Context, name: string): Model {
  const model = context.store.models.get(name);
  if (model === undefined) {
    throw invalid(`Could not find model "${sageMakerArn(context, "model", name)}".`);
  }
  return model;
}

/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html and its siblings. */
export function modelOperations(context: Context): readonly Operation[] {
  const { models, tags } = context.store;
  return [
    operation(CreateModelCommand, async (input) => {
      const { ModelName: name } = input;
      const arn = sageMakerArn(context, "model", name);
      refuseDuplicate(context, name, arn);
      const container = onlyContainer(input);
      await checkModelData(context, container);
      refuseDuplicate(context, name, arn);
      const now = new Date();
      tags.create(arn, input.Tags);
      models.set(name, { name, arn, input, container, createdAt: now, modifiedAt: now });
      return { ModelArn: arn };
    }),
    operation(DescribeModelCommand, ({ ModelName }) => {
      const { input, arn, createdAt } = modelNamed(context, ModelName);
      return {
        ...input,
        ModelArn: arn,
        CreationTime: createdAt,
        EnableNetworkIsolation: input.EnableNetworkIsolation ?? false,
      };
    }),
    // AWS deletes a model that an endpoint serves, and the endpoint goes on with what it has loaded.
    operation(DeleteModelCommand, ({ ModelName }) => {
      tags.forget(modelNamed(context, ModelName).arn);
      models.delete(ModelName);
      return {};
    }),
    operation(ListModelsCommand, (request) => {
      const { items, NextToken } = listPage(models.values(), request, "Descending");
      return {
        Models: items.map(({ name, arn, createdAt }) => ({ ModelName: name, ModelArn: arn, CreationTime: createdAt })),
        NextToken,
      };
    }),
  ];
}

function refuseDuplicate({ store }: Context, name: string, arn: string): void {
  if (store.models.has(name)) {
    throw invalid(`Cannot create already existing model "${arn}".`);
  }
}

function onlyContainer(input: Checked<CreateModelCommandInput>): Model["container"] {
  const containers = [
    ...(input.PrimaryContainer === undefined ? [] : [input.PrimaryContainer]),
    ...(input.Containers ?? []),
  ];
  const [container] = containers;
  if (containers.length > 1) {
    throw notPartOfLocal("CreateModel with more than one container");
  }
  if (container === undefined) {
    throw invalid("Either PrimaryContainer or Containers must be given");
  }
  refuseMembers(
    container,
    ["ModelDataSource", "ModelPackageName", "InferenceSpecificationName", "MultiModelConfig"],
    "CreateModel",
  );
  const { Image } = container;
  if (Image === undefined || container.Mode === "MultiModel") {
    throw notPartOfLocal(Image === undefined ? "CreateModel without Image" : "CreateModel with Mode MultiModel");
  }
  return { ...container, Image };
}

/** AWS looks for the archive when the model is created. */
async function checkModelData(context: Context, { ModelDataUrl: uri }: Model["container"]): Promise<void> {
  if (uri !== undefined && !(await context.objects.exists(uri))) {
    throw invalid(`Could not find model data at ${uri}.`);
  }
}
