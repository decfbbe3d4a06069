import type { CreateDataQualityJobDefinitionCommandInput } from "@aws-sdk/client-sagemaker";
import type { Checked } from "../../core/operation";

export type DataQualityJobDefinitionInput = Checked<CreateDataQualityJobDefinitionCommandInput>;

/** What the executions of monitoring schedules do; immutable. */
export interface DataQualityJobDefinition {
  readonly name: string;
  readonly arn: string;
  readonly input: DataQualityJobDefinitionInput;
  readonly endpointName: string;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
}
