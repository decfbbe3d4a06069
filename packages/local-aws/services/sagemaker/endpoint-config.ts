import type { CreateEndpointConfigCommandInput } from "@aws-sdk/client-sagemaker";
import type { Checked } from "../../core/operation";

export type EndpointConfigInput = Checked<CreateEndpointConfigCommandInput>;

/** A production variant of instances, the only kind that the local AWS has. */
export interface VariantConfig {
  readonly VariantName: string;
  readonly ModelName: string;
  readonly InitialInstanceCount: number;
  readonly InitialVariantWeight: number;
  /** Seconds that its container may take to answer `/ping`. */
  readonly startupSeconds: number | undefined;
}

/** What an endpoint is to consist of; immutable. */
export interface EndpointConfig {
  readonly name: string;
  readonly arn: string;
  readonly input: EndpointConfigInput;
  readonly variants: readonly VariantConfig[];
  readonly createdAt: Date;
  readonly modifiedAt: Date;
}
