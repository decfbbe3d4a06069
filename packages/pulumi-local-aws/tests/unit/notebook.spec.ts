import {
  CreateNotebookInstanceCommand,
  DeleteNotebookInstanceCommand,
  DescribeNotebookInstanceCommand,
  ListTagsCommand,
  type NotebookInstanceStatus,
  StartNotebookInstanceCommand,
  StopNotebookInstanceCommand,
  UpdateNotebookInstanceCommand,
  type UpdateNotebookInstanceCommandInput,
} from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { AwsError } from "local-aws/core/aws-error";
import { jsonRpcService } from "local-aws/core/json-rpc";
import { operation } from "local-aws/core/operation";
import { serve, type Served } from "local-aws/testing/serve";
import { type CallFailed, type Plugin, awsEnvironment, startPlugin, withEnvironment } from "./plugin";

const INSTANCE = "aws:sagemaker/notebookInstance:NotebookInstance";

describe("the provider plugin and a notebook instance", () => {
  /** What the instance says from one look to the next; none where there is no instance. */
  let statuses: NotebookInstanceStatus[];
  /** What was asked for, in order. */
  let calls: string[];
  let outcome: NotebookInstanceStatus;
  let change: UpdateNotebookInstanceCommandInput | undefined;
  let served: Served;
  let plugin: Plugin;
  let restore: () => void;

  const asked = (name: string, ...next: NotebookInstanceStatus[]) => {
    calls.push(name);
    statuses = next;
    return {};
  };
  const service = jsonRpcService("SageMaker", [
    operation(CreateNotebookInstanceCommand, () => asked("create", "Pending", outcome)),
    operation(StartNotebookInstanceCommand, () => asked("start", "Pending", "InService")),
    operation(StopNotebookInstanceCommand, () => asked("stop", "Stopping", "Stopped")),
    operation(UpdateNotebookInstanceCommand, (input) => {
      change = input;
      return asked("update", "Updating", "Stopped");
    }),
    operation(DeleteNotebookInstanceCommand, () => asked("delete")),
    operation(DescribeNotebookInstanceCommand, () => {
      const [status] = statuses;
      if (status === undefined) {
        throw new AwsError("ValidationException", "RecordNotFound");
      }
      statuses = statuses.length > 1 ? statuses.slice(1) : statuses;
      return {
        ...{ NotebookInstanceName: "notes", NotebookInstanceArn: "arn:of:it", NotebookInstanceStatus: status },
        ...{ InstanceType: "ml.t3.medium" as const, RoleArn: "role", FailureReason: "it is Sunday" },
        ...{ DirectInternetAccess: "Enabled" as const, RootAccess: "Disabled" as const, VolumeSizeInGB: 20 },
        ...{ NotebookInstanceLifecycleConfigName: "scripts", Url: "notes.notebook.us-east-1.sagemaker.aws" },
      };
    }),
    operation(ListTagsCommand, () => ({ Tags: [] })),
  ]);
  before(async () => {
    served = await serve(service);
    restore = withEnvironment(awsEnvironment(served.endpoint));
  });
  after(async () => {
    restore();
    await served.close();
  });
  beforeEach(async () => {
    [statuses, calls, outcome, change] = [[], [], "InService", undefined];
    plugin = await startPlugin();
  });
  afterEach(() => plugin.close());

  const inputs = (over: object = {}) => ({
    ...{ name: "notes", instanceType: "ml.t3.medium", roleArn: "role", lifecycleConfigName: "scripts" },
    ...{ rootAccess: "Disabled", volumeSize: 20, __defaults: [] },
    ...over,
  });

  it("waits until it is in service, and reads it back", async () => {
    const { id, outputs } = await plugin.create(INSTANCE, inputs());
    expect([id, outputs.arn, outputs.url]).to.deep.equal([
      "notes",
      "arn:of:it",
      "notes.notebook.us-east-1.sagemaker.aws",
    ]);
    expect((await plugin.read(INSTANCE, "notes", inputs())).inputs).to.deep.equal(inputs());
  });

  it("tells why it has failed", async () => {
    outcome = "Failed";
    const error = (await plugin.create(INSTANCE, inputs()).catch((reason: unknown) => reason)) as CallFailed;
    expect(error.message).to.match(/notebook instance notes failed: it is Sunday/);
  });

  it("stops it for a change, and starts it again if it ran", async () => {
    await plugin.create(INSTANCE, inputs());
    const { lifecycleConfigName, ...others } = inputs({ instanceType: "ml.t3.large" });
    expect(lifecycleConfigName).to.equal("scripts");
    await plugin.update(INSTANCE, "notes", inputs(), others);
    expect(calls).to.deep.equal(["create", "stop", "update", "start"]);
    expect(change).to.deep.include({ InstanceType: "ml.t3.large", DisassociateLifecycleConfig: true });

    statuses = ["Stopped"];
    await plugin.update(INSTANCE, "notes", inputs(), inputs({ volumeSize: 30 }));
    expect(calls.slice(4)).to.deep.equal(["update"]);
  });

  it("stops it before it deletes it", async () => {
    await plugin.create(INSTANCE, inputs());
    await plugin.delete(INSTANCE, "notes", inputs());
    await plugin.delete(INSTANCE, "notes", inputs());
    expect(calls).to.deep.equal(["create", "stop", "delete", "delete"]);
  });
});
