import type { Project } from "@aws-sdk/client-codebuild";
import { arn, type Account } from "../../core/account";
import { AwsError } from "../../core/aws-error";
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

/** CodeBuild has no parameter for it. */
const PAGE_SIZE = 100;

/** @throws AwsError `InvalidInputException` for a token that no page gave out */
export function page<T>(all: readonly T[], token: string | undefined): { items: T[]; nextToken: string | undefined } {
  const start = token === undefined ? 0 : Number(Buffer.from(token, "base64url").toString());
  if (!Number.isInteger(start) || start < 0 || start > all.length) {
    throw new AwsError("InvalidInputException", `Invalid token: ${token ?? ""}`);
  }
  const end = start + PAGE_SIZE;
  return {
    items: all.slice(start, end),
    nextToken: end < all.length ? Buffer.from(String(end)).toString("base64url") : undefined,
  };
}
