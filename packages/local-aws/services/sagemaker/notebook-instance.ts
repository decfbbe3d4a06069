import type {
  CreateNotebookInstanceCommandInput,
  CreateNotebookInstanceLifecycleConfigCommandInput,
  NotebookInstanceStatus,
} from "@aws-sdk/client-sagemaker";
import type { Checked } from "../../core/operation";

export type NotebookInstanceInput = Checked<CreateNotebookInstanceCommandInput>;

/** A notebook instance and where it stands. Nothing runs on it. */
export class NotebookInstance {
  readonly createdAt = new Date();
  modifiedAt = this.createdAt;
  status: NotebookInstanceStatus = "Pending";

  constructor(
    readonly name: string,
    readonly arn: string,
    public input: NotebookInstanceInput,
  ) {}

  enter(status: NotebookInstanceStatus): void {
    this.status = status;
    this.modifiedAt = new Date();
  }
}

/** The scripts that notebook instances run when they are created and when they start. */
export interface NotebookLifecycleConfig {
  readonly name: string;
  readonly arn: string;
  readonly scripts: Pick<CreateNotebookInstanceLifecycleConfigCommandInput, "OnCreate" | "OnStart">;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
}
