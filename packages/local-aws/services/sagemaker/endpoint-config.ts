import type { CreateEndpointConfigCommandInput } from "@aws-sdk/client-sagemaker";
import type { Checked } from "../../core/operation";

export type EndpointConfigInput = Checked<CreateEndpointConfigCommandInput>;
type ServerlessConfig = NonNullable<EndpointConfigInput["ProductionVariants"][number]["ServerlessConfig"]>;

/** A production variant, of instances or serverless. */
export interface VariantConfig {
  readonly VariantName: string;
  readonly ModelName: string;
  /** 0 where it is serverless. */
  readonly InitialInstanceCount: number;
  /** @default - instances */
  readonly serverless: ServerlessConfig | undefined;
  readonly InitialVariantWeight: number;
  /** Seconds that its container may take to answer `/ping`. */
  readonly startupSeconds: number | undefined;
}

export const isServerless = ({ variants }: EndpointConfig) =>
  variants.some(({ serverless }) => serverless !== undefined);

/** What an endpoint is to consist of; immutable. */
export interface EndpointConfig {
  readonly name: string;
  readonly arn: string;
  readonly input: EndpointConfigInput;
  readonly variants: readonly VariantConfig[];
  readonly createdAt: Date;
  readonly modifiedAt: Date;
}
