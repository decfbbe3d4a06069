import type { CreateTransformJobCommandInput } from "@aws-sdk/client-sagemaker";
import type { Checked } from "../../core/operation";
import type { RunControl } from "../../core/run-control";
import { JobLife } from "./job-life";
import type { Model } from "./model";
import type { Filter } from "./transform-filter";

export type TransformJobInput = Checked<CreateTransformJobCommandInput>;

/** What is done with the data around the model. */
export interface DataProcessing {
  readonly inputFilter: Filter;
  readonly outputFilter: Filter;
  /** Whether what went in comes out beside the predictions. */
  readonly joins: boolean;
}

/** A batch transform job and where it stands. */
export class TransformJob extends JobLife {
  /** @param model as it was when the job was created; AWS lets it be deleted meanwhile */
  constructor(
    readonly name: string,
    readonly arn: string,
    readonly input: TransformJobInput,
    readonly model: Model,
    readonly processing: DataProcessing,
    readonly control: RunControl,
  ) {
    super();
  }
}
