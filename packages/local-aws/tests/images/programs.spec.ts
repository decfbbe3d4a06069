import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { optMl, python, run } from "./programs";

describe("The images' shared programs", function () {
  this.timeout(30_000);

  it("pack a folder and unpack it again", async () => {
    const folder = optMl({ "model/xgboost-model": "bytes", "model/code/a.py": "pass", "out/.keep": "" });
    const archive = join(folder, "model.tar.gz");
    expect(await run("archive.py", ["pack", join(folder, "model"), archive])).to.deep.equal({ status: 0, output: "" });
    expect(await run("archive.py", ["unpack", archive, join(folder, "out")])).to.deep.equal({ status: 0, output: "" });
    expect(readFileSync(join(folder, "out", "xgboost-model"), "utf8")).to.equal("bytes");
    expect(readFileSync(join(folder, "out", "code", "a.py"), "utf8")).to.equal("pass");
  });

  it("refuse an archive that would write outside its folder", async () => {
    const folder = optMl({ "inside/.keep": "", "evil.txt": "evil" });
    const archive = join(folder, "evil.tar.gz");
    python(
      "import sys, tarfile; tar = tarfile.open(sys.argv[1], 'w:gz'); tar.add(sys.argv[2], arcname='../escaped.txt'); tar.close()",
      archive,
      join(folder, "evil.txt"),
    );
    const { status, output } = await run("archive.py", ["unpack", archive, join(folder, "inside")]);
    expect(status).to.equal(1);
    expect(output).to.match(/escaped\.txt/);
  });

  it("run a processing script as python3 would, its folder first on the module path", async () => {
    const folder = optMl({ "code/helper.py": "NAME = 'helper'" });
    const script = join(folder, "code", "main.py");
    writeFileSync(script, "import helper, sys; print(helper.NAME, sys.argv[1:], __name__)");
    expect(
      await run("sagemaker-scikit-learn/process.py", ["python3", "-u", script, "--days", "3"], folder),
    ).to.deep.equal({
      status: 0,
      output: "helper ['--days', '3'] __main__\n",
    });
  });

  it("say what is wrong with an entrypoint that is no Python script", async () => {
    const folder = optMl({});
    const shell = await run("sagemaker-scikit-learn/process.py", ["bash", "run.sh"], folder);
    expect(shell).to.deep.equal({
      status: 1,
      output: "ContainerEntrypoint must be python3 and the path of a script, got ['bash', 'run.sh']\n",
    });
    const missing = await run("sagemaker-scikit-learn/process.py", ["python3", "/none.py"], folder);
    expect(missing.output).to.equal("python3: can't open file '/none.py': no such file among the job's inputs\n");
  });
});
