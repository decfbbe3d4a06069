import { randomUUID } from "node:crypto";
import {
  BatchGetApplicationsCommand,
  CreateApplicationCommand,
  DeleteApplicationCommand,
  GetApplicationCommand,
  ListApplicationsCommand,
  UpdateApplicationCommand,
  type ApplicationInfo,
} from "@aws-sdk/client-codedeploy";
import { AwsError, notImplemented } from "../../core/aws-error";
import type { Clock } from "../../core/clock";
import { tagRecord, Tags } from "../../core/tags";
import { operation, type Operation } from "../../core/operation";
import { page, type Application, type Store } from "./store";

/** Operations on applications, of the compute platform Lambda. */
export function applicationOperations(store: Store, clock: Clock): readonly Operation[] {
  return [
    operation(CreateApplicationCommand, (input) => {
      const { applicationName: name, computePlatform = "Server", tags } = input;
      if (computePlatform !== "Lambda") {
        throw notImplemented("CodeDeploy", `CreateApplication for compute platform ${computePlatform}`);
      }
      requireFree(store, name);
      const application = {
        name,
        id: randomUUID(),
        createTime: clock.now(),
        tags: new Tags(tagRecord(tags)),
        groups: new Map(),
      };
      store.applications.set(name, application);
      return { applicationId: application.id };
    }),

    operation(GetApplicationCommand, (input) => ({ application: infoOf(store.application(input.applicationName)) })),

    operation(BatchGetApplicationsCommand, (input) => ({
      applicationsInfo: input.applicationNames.map((name) => infoOf(store.application(name))),
    })),

    operation(ListApplicationsCommand, (input) => {
      const { items, nextToken } = page([...store.applications.keys()].sort(), input.nextToken);
      return { applications: items, nextToken };
    }),

    operation(UpdateApplicationCommand, (input) => {
      const { applicationName: name, newApplicationName: newName } = input;
      if (name === undefined || newName === undefined) {
        throw new AwsError("ApplicationNameRequiredException", "applicationName and newApplicationName are required.");
      }
      const application = store.application(name);
      if (newName !== name) {
        requireFree(store, newName);
        store.applications.delete(name);
        store.applications.set(newName, application);
        application.name = newName;
        application.groups.forEach((group) => (group.info = { ...group.info, applicationName: newName }));
      }
      return {};
    }),

    operation(DeleteApplicationCommand, (input) => {
      // AWS says nothing of an application that does not exist. Its groups go with it, its deployments stay on record.
      store.applications.delete(input.applicationName);
      return {};
    }),
  ];
}

function requireFree(store: Store, name: string): void {
  if (store.applications.has(name)) {
    throw new AwsError("ApplicationAlreadyExistsException", `Application: ${name} already exists`);
  }
}

function infoOf({ id, name, createTime }: Application): ApplicationInfo {
  return { applicationId: id, applicationName: name, createTime, linkedToGitHub: false, computePlatform: "Lambda" };
}
