import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CodePipelineClient, ListPipelineExecutionsCommand } from "@aws-sdk/client-codepipeline";
import { mockClient, type AwsClientStub } from "aws-sdk-client-mock";
import { expect } from "chai";
import { checkSuccession, executionsAhead, type Succession } from "../../../pipeline/succession";

describe("which release may be live when another one's turn comes", () => {
  let dir: string;
  let aws: AwsClientStub<CodePipelineClient>;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "succession-"));
    aws = mockClient(CodePipelineClient);
  });
  afterEach(async () => {
    aws.restore();
    await rm(dir, { recursive: true, force: true });
  });

  async function complaint(succession: Succession, live: string | undefined): Promise<string | undefined> {
    const file = join(dir, "succession.json");
    await writeFile(file, JSON.stringify(succession));
    return checkSuccession(file, "r3", live).then(
      () => undefined,
      (error: unknown) => String(error),
    );
  }

  it("is the one that was at the preview, one that was ahead of it, itself, or none", async () => {
    for (const live of ["r1", "r2", "r3", undefined]) {
      expect(await complaint({ live: "r1", ahead: ["r2"] }, live)).to.equal(undefined);
    }
    expect(await complaint({ ahead: [] }, undefined)).to.equal(undefined);
  });

  it("is no newer one, and none that somebody has put there by hand", async () => {
    expect(await complaint({ live: "r2", ahead: [] }, "r4")).to.match(
      /^Error: release r4 is live; at the preview of this one it was r2, and r4 was not on its way ahead of it\. Nothing was touched\./,
    );
    expect(await complaint({ live: "r2", ahead: [] }, "r1")).to.contain("release r1 is live");
    expect(await complaint({ ahead: [] }, "r1")).to.contain("it was none");
  });

  it("is known by the executions that were started before and are under way", async () => {
    aws.on(ListPipelineExecutionsCommand, { pipelineName: "p" }).resolves({
      pipelineExecutionSummaries: [
        { pipelineExecutionId: "r4", status: "InProgress" },
        { pipelineExecutionId: "r3", status: "InProgress" },
        { pipelineExecutionId: "r2", status: "InProgress" },
        { pipelineExecutionId: "r1", status: "Succeeded" },
        { pipelineExecutionId: "r0", status: "Failed" },
      ],
    });

    expect(await executionsAhead({ pipelineName: "p", release: "r3" })).to.deep.equal(["r2"]);
  });
});
