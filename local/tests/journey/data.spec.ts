import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { testPython } from "pulumi-engine/testing/python";
import { prepareData } from "../../journey/data";

describe("preparing the data of a run", () => {
  it("fails with what the model's program says, and not with how it was called", async () => {
    const root = await mkdtemp(join(tmpdir(), "prepare data "));
    try {
      await mkdir(join(root, "model"));
      await writeFile(join(root, "model/prepare.py"), 'import sys\nsys.exit("prepare.py: none.csv: No such file")\n');

      const error = await prepareData(root, testPython(), { files: ["none.csv"], rows: 1 }, root).then(
        () => expect.fail("was prepared"),
        (reason: unknown) => reason as Error,
      );

      expect(error.message).to.equal("prepare.py: none.csv: No such file");
    } finally {
      await rm(root, { recursive: true });
    }
  });
});
