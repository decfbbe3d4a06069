import type { DeploymentConfig, EndpointStatus } from "@aws-sdk/client-sagemaker";
import type { Checked } from "../../core/operation";
import type { RunControl } from "../../core/run-control";
import type { DataCapture } from "./data-capture";
import type { EndpointConfig, VariantConfig } from "./endpoint-config";
import type { ExecutionRole } from "./execution-role";
import type { ServingContainer } from "./serving-container";
import type { VolumeGrant } from "./volume-grant";

/** A production variant in service. */
export interface Variant {
  readonly config: VariantConfig;
  readonly image: string;
  readonly container: ServingContainer;
  /** What the container acts as. */
  readonly role: ExecutionRole;
  readonly startedAt: Date;
  readonly weight: { current: number; desired: number };
  readonly instances: { current: number; desired: number };
}

/** What serves one endpoint config: a container for each variant, and the capture of what they answer. */
export interface Fleet {
  readonly config: EndpointConfig;
  readonly variants: readonly Variant[];
  readonly capture: DataCapture | undefined;
}

/** A new fleet on its way to take the old one's place. */
export interface Shift {
  readonly green: Fleet;
  /** Part of the requests that it gets, 0 to 1. */
  readonly share: number;
}

/** An endpoint and where it stands. */
export class Endpoint {
  readonly createdAt = new Date();
  modifiedAt = this.createdAt;
  status: EndpointStatus = "Creating";
  failureReason: string | undefined;
  /** Absent until the first deployment has succeeded. */
  fleet: Fleet | undefined;
  /** By which its instances use a customer's key. */
  volumeGrant: VolumeGrant | undefined;
  /** While an update moves the traffic. */
  shift: Shift | undefined;
  /** How the last deployment moved it. */
  deploymentConfig: Checked<DeploymentConfig> | undefined;
  /** The config that is being deployed, and since when. */
  pending: { readonly configName: string; readonly since: Date } | undefined;
  /** Requests that its containers were given, in all and by variant. */
  invocations = 0;
  readonly invocationsByVariant = new Map<string, number>();

  constructor(
    readonly name: string,
    readonly arn: string,
    private readonly firstConfig: EndpointConfig,
    readonly control: RunControl,
  ) {
    this.pending = { configName: firstConfig.name, since: this.createdAt };
  }

  /** Name of the config in service; of the wanted one where none is yet. */
  get configName(): string {
    return this.fleet?.config.name ?? this.firstConfig.name;
  }

  /** Whether requests reach its containers: also while it is being updated, not while it is created or deleted. */
  get serves(): boolean {
    return this.fleet !== undefined && this.status !== "Deleting";
  }

  /** The fleet that the next request goes to, by lot while traffic is being moved. */
  fleetFor(): Fleet | undefined {
    const { shift } = this;
    return shift !== undefined && Math.random() < shift.share ? shift.green : this.fleet;
  }

  enter(status: EndpointStatus): void {
    this.status = status;
    this.modifiedAt = new Date();
    if (status !== "Creating" && status !== "Updating") {
      this.pending = undefined;
    }
  }

  /** Requests that its containers are answering. */
  inFlight = 0;

  /** Counts a request to a variant; returns how many the endpoint had before. */
  count(variantName: string): number {
    this.invocationsByVariant.set(variantName, (this.invocationsByVariant.get(variantName) ?? 0) + 1);
    return this.invocations++;
  }
}
