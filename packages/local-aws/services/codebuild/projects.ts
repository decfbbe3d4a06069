import {
  BatchGetProjectsCommand,
  CreateProjectCommand,
  DeleteProjectCommand,
  ListProjectsCommand,
  UpdateProjectCommand,
  type CreateProjectInput,
  type Project,
  type UpdateProjectInput,
} from "@aws-sdk/client-codebuild";
import type { Account } from "../../core/account";
import { arn } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import type { Clock } from "../../core/clock";
import { operation, type Checked, type Operation } from "../../core/operation";
import { checkProject } from "./accepted";
import { page, type Store } from "./store";

const DEFAULT_TIMEOUT_MINUTES = 60;
const DEFAULT_QUEUED_TIMEOUT_MINUTES = 480;

/** Operations on build projects. */
export function projectOperations(store: Store, clock: Clock, account: Account): readonly Operation[] {
  return [
    operation(CreateProjectCommand, (input) => {
      if (store.projects.has(input.name)) {
        throw new AwsError("ResourceAlreadyExistsException", `Project already exists: ${store.projectArn(input.name)}`);
      }
      const now = clock.now();
      const project = {
        arn: store.projectArn(input.name),
        timeoutInMinutes: DEFAULT_TIMEOUT_MINUTES,
        queuedTimeoutInMinutes: DEFAULT_QUEUED_TIMEOUT_MINUTES,
        encryptionKey: arn(account, "kms", "alias/aws/s3"),
        cache: { type: "NO_CACHE" as const },
        projectVisibility: "PRIVATE" as const,
        created: now,
        lastModified: now,
        ...settings(input),
        name: input.name,
      };
      checkProject({ ...project, badgeEnabled: input.badgeEnabled });
      store.projects.set(input.name, { project, builds: 0 });
      return { project };
    }),

    operation(UpdateProjectCommand, (input) => {
      const record = store.project(input.name);
      const { name } = record.project;
      const project = { ...record.project, ...settings(input), name, lastModified: clock.now() };
      checkProject({ ...project, badgeEnabled: input.badgeEnabled });
      record.project = project;
      return { project };
    }),

    operation(DeleteProjectCommand, (input) => {
      // AWS says nothing of a project that does not exist.
      store.projects.delete(store.nameOf(input.name));
      return {};
    }),

    operation(BatchGetProjectsCommand, (input) => {
      const names = input.names.map((name) => store.nameOf(name));
      return {
        projects: names.flatMap((name) => store.projects.get(name)?.project ?? []),
        projectsNotFound: names.filter((name) => !store.projects.has(name)),
      };
    }),

    operation(ListProjectsCommand, (input) => {
      const { sortBy = "NAME", sortOrder = "ASCENDING" } = input;
      const key = (project: Project) => {
        const time = sortBy === "CREATED_TIME" ? project.created : project.lastModified;
        return sortBy === "NAME" ? (project.name ?? "") : (time?.toISOString() ?? "");
      };
      const sorted = [...store.projects.values()]
        .map(({ project }) => project)
        .sort((a, b) => (key(a) < key(b) ? -1 : 1));
      const names = (sortOrder === "ASCENDING" ? sorted : sorted.reverse()).map(({ name }) => name);
      const { items, nextToken } = page(names, input.nextToken);
      return { projects: items, nextToken };
    }),
  ];
}

/** What a request says of a project; what it does not say is left as it is. */
function settings(input: Checked<CreateProjectInput> | Checked<UpdateProjectInput>): Partial<Project> {
  const given = Object.entries(input).filter(([name, value]) => name !== "badgeEnabled" && isGiven(value));
  return Object.fromEntries(given);
}

const isGiven = (value: unknown) => value !== undefined && value !== null;
