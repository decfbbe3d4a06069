import { randomBytes } from "node:crypto";
import type { DeploymentGroupInfo } from "@aws-sdk/client-codedeploy";
import { AwsError } from "../../core/aws-error";
import { pager } from "../../core/paging";
import type { Tags } from "../../core/tags";
import type { Deployment } from "./deployment";
import type { Routing } from "./routing";

/** Everything that CodeDeploy keeps. */
export class Store {
  readonly applications = new Map<string, Application>();
  readonly configs = new Map<string, DeploymentConfig>();
  readonly deployments = new Map<string, Deployment>();

  /** @throws AwsError `ApplicationDoesNotExistException` */
  application(name: string): Application {
    const application = this.applications.get(name);
    if (application === undefined) {
      throw new AwsError("ApplicationDoesNotExistException", `No application found for name: ${name}`);
    }
    return application;
  }

  /** @throws AwsError `DeploymentGroupDoesNotExistException`, `ApplicationDoesNotExistException` */
  group(applicationName: string, name: string): Group {
    const group = this.application(applicationName).groups.get(name);
    if (group === undefined) {
      throw new AwsError("DeploymentGroupDoesNotExistException", `No Deployment Group found for name: ${name}`);
    }
    return group;
  }

  /** @throws AwsError `DeploymentConfigDoesNotExistException` */
  config(name: string): DeploymentConfig {
    const config = this.configs.get(name);
    if (config === undefined) {
      throw new AwsError(
        "DeploymentConfigDoesNotExistException",
        `No Deployment Configuration found for name: ${name}`,
      );
    }
    return config;
  }

  /** @throws AwsError `DeploymentDoesNotExistException` */
  deployment(id: string): Deployment {
    const deployment = this.deployments.get(id);
    if (deployment === undefined) {
      throw new AwsError("DeploymentDoesNotExistException", `The deployment ${id} could not be found`);
    }
    return deployment;
  }

  deploymentsOf(applicationName: string, groupName: string): readonly Deployment[] {
    return [...this.deployments.values()].filter(
      ({ order }) => order.applicationName === applicationName && order.deploymentGroupName === groupName,
    );
  }
}

export interface Application {
  name: string;
  readonly id: string;
  readonly createTime: Date;
  readonly tags: Tags;
  readonly groups: Map<string, Group>;
}

/** A deployment group; its last deployments are told from the deployments themselves. */
export interface Group {
  info: DeploymentGroupInfo;
  readonly tags: Tags;
}

export interface DeploymentConfig {
  readonly id: string;
  readonly name: string;
  readonly createTime: Date;
  readonly routing: Routing;
}

const ID_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/** An id such as `d-9Y84SF70K`. */
export function newDeploymentId(): string {
  const characters = [...randomBytes(9)].map((byte) => ID_CHARACTERS[byte % ID_CHARACTERS.length] ?? "0");
  return `d-${characters.join("")}`;
}

/** One page of a list. Requests cannot say how long it is to be. */
export const page = pager(
  100,
  (token) => new AwsError("InvalidNextTokenException", `The next token ${token} is invalid.`),
);
