import type { ContainerDefinition, CreateModelCommandInput } from "@aws-sdk/client-sagemaker";
import type { Checked } from "../../core/operation";

/** An image with the model archive that it is to serve. */
export interface Model {
  readonly name: string;
  readonly arn: string;
  readonly input: Checked<CreateModelCommandInput>;
  /** Of the role that its containers act as. */
  readonly roleArn: string;
  readonly container: ContainerDefinition & { readonly Image: string };
  readonly createdAt: Date;
  readonly modifiedAt: Date;
}
