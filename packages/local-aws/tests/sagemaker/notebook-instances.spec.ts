import {
  CreateNotebookInstanceCommand,
  CreateNotebookInstanceLifecycleConfigCommand,
  DeleteNotebookInstanceCommand,
  DeleteNotebookInstanceLifecycleConfigCommand,
  DescribeNotebookInstanceCommand,
  DescribeNotebookInstanceLifecycleConfigCommand,
  ListNotebookInstancesCommand,
  ListTagsCommand,
  StartNotebookInstanceCommand,
  StopNotebookInstanceCommand,
  UpdateNotebookInstanceCommand,
  UpdateNotebookInstanceLifecycleConfigCommand,
  type CreateNotebookInstanceCommandInput,
  type NotebookInstanceStatus,
} from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { refusal, ROLE, startSageMaker, until, type TestSageMaker } from "./support";

const Name = { NotebookInstanceName: "notes" };
const Scripts = { NotebookInstanceLifecycleConfigName: "scripts" };
const content = (script: string) => [{ Content: Buffer.from(script).toString("base64") }];

describe("notebook instances of the local SageMaker", () => {
  let local: TestSageMaker;
  before(async () => {
    local = await startSageMaker();
  });
  after(() => local.close());

  const make = (over: Partial<CreateNotebookInstanceCommandInput> = {}) =>
    local.sagemaker.send(
      new CreateNotebookInstanceCommand({ ...Name, InstanceType: "ml.t3.medium", RoleArn: ROLE, ...over }),
    );
  const describeIt = () => local.sagemaker.send(new DescribeNotebookInstanceCommand(Name));
  const reached = (status: NotebookInstanceStatus) =>
    until(describeIt, ({ NotebookInstanceStatus }) => NotebookInstanceStatus === status);
  const refused = async (call: Promise<unknown>) => (await refusal(call)).message;

  it("start, stop and are changed and deleted only where they have stopped", async () => {
    await local.sagemaker.send(
      new CreateNotebookInstanceLifecycleConfigCommand({ ...Scripts, OnCreate: content("echo made") }),
    );
    await make({ LifecycleConfigName: "scripts", RootAccess: "Disabled", Tags: [{ Key: "a", Value: "b" }] });
    await reached("InService");
    const { NotebookInstanceArn: arn, ...told } = await describeIt();
    expect(told).to.deep.include({
      NotebookInstanceLifecycleConfigName: "scripts",
      RootAccess: "Disabled",
      DirectInternetAccess: "Enabled",
      VolumeSizeInGB: 5,
    });
    const { Tags } = await local.sagemaker.send(new ListTagsCommand({ ResourceArn: arn }));
    expect(Tags).to.deep.equal([{ Key: "a", Value: "b" }]);

    const transition =
      /Status \(InService\) not in \(\[Stopped, Failed\]\)\. Unable to transition to \((Deleting|Updating)\)/;
    expect(await refused(local.sagemaker.send(new DeleteNotebookInstanceCommand(Name)))).to.match(transition);
    expect(await refused(local.sagemaker.send(new UpdateNotebookInstanceCommand(Name)))).to.match(transition);

    await local.sagemaker.send(new StopNotebookInstanceCommand(Name));
    await reached("Stopped");
    const change = { InstanceType: "ml.t3.large", DisassociateLifecycleConfig: true } as const;
    await local.sagemaker.send(new UpdateNotebookInstanceCommand({ ...Name, ...change }));
    await reached("Stopped");
    await local.sagemaker.send(new StartNotebookInstanceCommand(Name));
    await reached("InService");
    const changed = await describeIt();
    expect([changed.InstanceType, changed.NotebookInstanceLifecycleConfigName]).to.deep.equal([
      "ml.t3.large",
      undefined,
    ]);

    await local.sagemaker.send(new StopNotebookInstanceCommand(Name));
    await reached("Stopped");
    await local.sagemaker.send(new DeleteNotebookInstanceCommand(Name));
    await until(
      () => local.sagemaker.send(new ListNotebookInstancesCommand({})),
      ({ NotebookInstances }) => NotebookInstances?.length === 0,
    );
    expect(await refused(describeIt())).to.equal("RecordNotFound");
  });

  it("are refused with a name that is taken, scripts that are not there, or no network", async () => {
    await make({ NotebookInstanceName: "taken" });
    expect(await refused(make({ NotebookInstanceName: "taken" }))).to.match(
      /Cannot create a duplicate Notebook Instance/,
    );
    expect(await refused(make({ LifecycleConfigName: "none" }))).to.match(/Lifecycle Config does not exist/);
    expect(await refused(make({ DirectInternetAccess: "Disabled" }))).to.match(/only where a SubnetId is given/);
    expect(await refused(make({ DefaultCodeRepository: "https://example.com/r" }))).to.match(/DefaultCodeRepository/);
  });

  it("have scripts, of which one can be changed without the other", async () => {
    const own = { NotebookInstanceLifecycleConfigName: "both" };
    const both = { ...own, OnCreate: content("one"), OnStart: content("two") };
    await local.sagemaker.send(new CreateNotebookInstanceLifecycleConfigCommand(both));
    expect(await refused(local.sagemaker.send(new CreateNotebookInstanceLifecycleConfigCommand(both)))).to.match(
      /already exists/,
    );
    await local.sagemaker.send(new UpdateNotebookInstanceLifecycleConfigCommand({ ...own, OnStart: content("three") }));
    const told = await local.sagemaker.send(new DescribeNotebookInstanceLifecycleConfigCommand(own));
    expect([told.OnCreate, told.OnStart]).to.deep.equal([content("one"), content("three")]);
    await local.sagemaker.send(new DeleteNotebookInstanceLifecycleConfigCommand(own));
    const gone = local.sagemaker.send(new DescribeNotebookInstanceLifecycleConfigCommand(own));
    expect(await refused(gone)).to.match(/does not exist/);
  });
});
