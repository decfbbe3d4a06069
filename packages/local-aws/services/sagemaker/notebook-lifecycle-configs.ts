import {
  CreateNotebookInstanceLifecycleConfigCommand,
  DeleteNotebookInstanceLifecycleConfigCommand,
  DescribeNotebookInstanceLifecycleConfigCommand,
  UpdateNotebookInstanceLifecycleConfigCommand,
} from "@aws-sdk/client-sagemaker";
import { operation, type Operation } from "../../core/operation";
import { sageMakerArn, type Context } from "./context";
import { invalid } from "./errors";
import type { NotebookLifecycleConfig } from "./notebook-instance";

const WHAT = "Notebook Instance Lifecycle Config";

/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateNotebookInstanceLifecycleConfig.html and its siblings. */
export function notebookLifecycleConfigOperations(context: Context): readonly Operation[] {
  const { notebookLifecycleConfigs: configs, tags } = context.store;
  return [
    operation(CreateNotebookInstanceLifecycleConfigCommand, (input) => {
      const { NotebookInstanceLifecycleConfigName: name, OnCreate, OnStart } = input;
      const arn = lifecycleConfigArn(context, name);
      if (configs.has(name)) {
        throw invalid(`Unable to create ${WHAT} ${arn}. (Details: ${WHAT} already exists.)`);
      }
      const now = new Date();
      tags.create(arn, input.Tags);
      configs.set(name, { name, arn, scripts: { OnCreate, OnStart }, createdAt: now, modifiedAt: now });
      return { NotebookInstanceLifecycleConfigArn: arn };
    }),
    operation(UpdateNotebookInstanceLifecycleConfigCommand, (input) => {
      const { NotebookInstanceLifecycleConfigName: name, OnCreate, OnStart } = input;
      const before = lifecycleConfigNamed(context, name, "update");
      // A script that is not given stays as it was.
      const { scripts } = before;
      const now = { OnCreate: OnCreate ?? scripts.OnCreate, OnStart: OnStart ?? scripts.OnStart };
      configs.set(name, { ...before, scripts: now, modifiedAt: new Date() });
      return {};
    }),
    operation(DescribeNotebookInstanceLifecycleConfigCommand, ({ NotebookInstanceLifecycleConfigName }) => {
      const { name, arn, scripts, ...times } = lifecycleConfigNamed(
        context,
        NotebookInstanceLifecycleConfigName,
        "describe",
      );
      return {
        NotebookInstanceLifecycleConfigName: name,
        NotebookInstanceLifecycleConfigArn: arn,
        OnCreate: scripts.OnCreate ?? [],
        OnStart: scripts.OnStart ?? [],
        CreationTime: times.createdAt,
        LastModifiedTime: times.modifiedAt,
      };
    }),
    operation(DeleteNotebookInstanceLifecycleConfigCommand, ({ NotebookInstanceLifecycleConfigName: name }) => {
      tags.forget(lifecycleConfigNamed(context, name, "delete").arn);
      configs.delete(name);
      return {};
    }),
  ];
}

/** The configuration of that name. @throws AwsError `ValidationException` if there is none */
export function lifecycleConfigNamed(context: Context, name: string, toDo: string): NotebookLifecycleConfig {
  const config = context.store.notebookLifecycleConfigs.get(name);
  if (config === undefined) {
    const arn = lifecycleConfigArn(context, name);
    throw invalid(`Unable to ${toDo} ${WHAT} '${arn}'. (Details: ${WHAT} does not exist.)`);
  }
  return config;
}

const lifecycleConfigArn = (context: Context, name: string) =>
  sageMakerArn(context, "notebook-instance-lifecycle-config", name);
