import {
  CreateModelCommand,
  DeleteModelCommand,
  DescribeModelCommand,
  ListModelsCommand,
  type CreateModelCommandInput,
} from "@aws-sdk/client-sagemaker";
import { notPartOfLocal, type AwsError } from "../../core/aws-error";
import { operation, type Checked, type Operation } from "../../core/operation";
import { sageMakerArn, type Context } from "./context";
import { invalid, refuseMembers } from "./errors";
import { ExecutionRole } from "./execution-role";
import { listPage } from "./listing";
import type { Model } from "./model";
import { isDenied } from "./object-store";

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
      const roleArn = roleOf(input);
      await checkModel(context, roleArn, container, input.VpcConfig);
      refuseDuplicate(context, name, arn);
      const now = new Date();
      tags.create(arn, input.Tags);
      models.set(name, { name, arn, input, roleArn, container, createdAt: now, modifiedAt: now });
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

/** SageMaker pulls the image and reads the archive by it. */
function roleOf({ ExecutionRoleArn }: Checked<CreateModelCommandInput>): string {
  if (ExecutionRoleArn === undefined) {
    throw invalid("ExecutionRoleArn is required");
  }
  return ExecutionRoleArn;
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

/**
 * The role of a model, which is that of the endpoints that serve it.
 *
 * @throws AwsError `ValidationException`
 */
export function modelRole(context: Context, roleArn: string): Promise<ExecutionRole> {
  const refused = `The execution role ARN "${roleArn}" is invalid. ${roleExists("the role")}.`;
  return ExecutionRole.assume(context.local, roleArn, refused);
}

const roleExists = (role: string) =>
  `Please ensure that ${role} exists and that its trust relationship policy allows the action "sts:AssumeRole" for the service ` +
  'principal "sagemaker.amazonaws.com"';

/** AWS looks for the archive and the image when the model is created. @throws AwsError `ValidationException` */
async function checkModel(
  context: Context,
  roleArn: string,
  container: Model["container"],
  vpc: Model["input"]["VpcConfig"],
): Promise<void> {
  const role = await modelRole(context, roleArn);
  try {
    const refusal = await role.pullRefusal(container.Image);
    if (refusal !== undefined) {
      throw invalid(`Could not access the image ${container.Image}: ${refusal}`);
    }
    const vpcRefusal = await role.vpcRefusal(vpc);
    if (vpcRefusal !== undefined) {
      throw invalid(`The role "${role.arn}" cannot use the VPC: ${vpcRefusal}`);
    }
    const uri = container.ModelDataUrl;
    if (uri !== undefined && !(await role.objects.exists(uri))) {
      throw invalid(`Could not find model data at ${uri}.`);
    }
  } catch (error) {
    throw isDenied(error) ? noAccess(context, role, container.ModelDataUrl ?? "", error) : error;
  } finally {
    role.close();
  }
}

/** AWS's words for an archive that the role may not read. */
export function noAccess(context: Context, role: ExecutionRole, uri: string, denied: Error): AwsError {
  return invalid(
    `Could not access model data at ${uri}. ${roleExists(`the role "${role.arn}"`)}. Also ensure that the role has ` +
      `"s3:GetObject" permissions and that the object is located in ${context.local.account.region}. (${denied.message})`,
  );
}
