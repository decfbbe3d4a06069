import { expect } from "chai";
import { releasesIn, releasesToKeep, servesWithoutCopy, warmReleases } from "../../../lib/kept-releases";

const all = () => true;

describe("the releases that are kept", () => {
  const before = { history: ["r3", "r2", "r1"], kept: ["r2"] };

  it("are the last that were live, without the one to be live", () => {
    expect(releasesToKeep(before, "r4", 1, all)).to.deep.equal(["r3"]);
    expect(releasesToKeep(before, "r4", 2, all)).to.deep.equal(["r3", "r2"]);
    expect(releasesToKeep(before, "r2", 1, all)).to.deep.equal(["r3"]);
    expect(releasesToKeep(before, "r3", 2, all)).to.deep.equal(["r2", "r1"]);
    expect(releasesToKeep(before, "r4", 0, all)).to.deep.equal([]);
  });

  it("are none before the first update", () => {
    expect(releasesToKeep({ history: [] }, "r1", 3, all)).to.deep.equal([]);
  });

  it("are not made anew, and no older one takes the place of one that is gone", () => {
    expect(releasesToKeep(before, "r4", 2, (release) => release !== "r3")).to.deep.equal(["r2"]);
    expect(releasesToKeep(before, "r4", 1, (release) => release !== "r3")).to.deep.equal([]);
  });

  it("are warm for the next update if the last one kept them and they are still there", () => {
    expect(warmReleases(before, all)).to.deep.equal(["r2"]);
    expect(warmReleases(before, () => false)).to.deep.equal([]);
  });
});

describe("a release whose archive was never copied", () => {
  const before = { history: ["r3", "r2", "r1", "r0"], kept: ["r2", "r1"], archives: { r2: "2b" } };

  it("is one that an earlier version has made live, and that is live or kept", () => {
    const never = ["r4", "r3", "r2", "r1", "r0"].filter((release) => servesWithoutCopy(before, release));

    expect(never).to.deep.equal(["r3", "r1"]);
    expect(servesWithoutCopy({ history: [], kept: [], archives: {} }, "r1")).to.equal(false);
  });
});

describe("what a stack's outputs say about its releases", () => {
  it("is what the last update has written, and nothing before the first", () => {
    const outputs = { releases: ["r2", "r1"], keptReleases: ["r1"], modelArchives: { r2: "2b" } };
    expect(releasesIn({ outputs })).to.deep.equal({ history: ["r2", "r1"], kept: ["r1"], archives: { r2: "2b" } });
    expect(releasesIn({ outputs: {} })).to.deep.equal({ history: [], kept: [], archives: {} });
  });

  it("is an error where it cannot be read, and not that there are none", () => {
    const wrong = [{ releases: "[secret]" }, { keptReleases: [1] }, { modelArchives: ["2b"] }, undefined];
    for (const outputs of wrong) {
      expect(() => releasesIn({ outputs }), JSON.stringify(outputs)).to.throw(
        "releases, keptReleases and modelArchives cannot be read",
      );
    }
  });
});
