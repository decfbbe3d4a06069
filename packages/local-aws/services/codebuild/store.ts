import type { Project } from "@aws-sdk/client-codebuild";
import { arn, type Account } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import { pager } from "../../core/paging";
import type { Build } from "./build";

/** A project, with what its builds are counted by. */
export interface ProjectRecord {
  project: Project & { readonly name: string };
  builds: number;
}

/** Everything that CodeBuild keeps. Builds outlive their project. */
export class Store {
  readonly projects = new Map<string, ProjectRecord>();
  readonly builds = new Map<string, Build>();
  /** Ids of builds by the idempotency token that they were started with. */
  readonly tokens = new Map<string, string>();

  constructor(private readonly account: Account) {}

  projectArn(name: string): string {
    return arn(this.account, "codebuild", `project/${name}`);
  }

  /** @throws AwsError `ResourceNotFoundException` */
  project(name: string): ProjectRecord {
    const record = this.projects.get(this.nameOf(name));
    if (record === undefined) {
      throw new AwsError("ResourceNotFoundException", `Project cannot be found: ${this.projectArn(name)}`);
    }
    return record;
  }

  /** @throws AwsError `ResourceNotFoundException` */
  build(id: string): Build {
    const build = this.builds.get(this.idOf(id));
    if (build === undefined) {
      throw new AwsError(
        "ResourceNotFoundException",
        `Build ${arn(this.account, "codebuild", `build/${id}`)} cannot be found`,
      );
    }
    return build;
  }

  /** A project may be named by its ARN. */
  nameOf(nameOrArn: string): string {
    return nameOrArn.replace(this.projectArn(""), "");
  }

  /** A build too. */
  idOf(idOrArn: string): string {
    return idOrArn.replace(arn(this.account, "codebuild", "build/"), "");
  }
}

/** One page of a list. Requests cannot say how long it is to be. */
export const page = pager(100, (token) => new AwsError("InvalidInputException", `Invalid token: ${token}`));
