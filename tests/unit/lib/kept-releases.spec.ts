import { expect } from "chai";
import { releasesIn, releasesToKeep, warmReleases } from "../../../lib/kept-releases";

const all = () => true;

describe("the releases that are kept", () => {
  const before = { releases: ["r3", "r2", "r1"], keptReleases: ["r2"] };

  it("are the last that were live, without the one to be live", () => {
    expect(releasesToKeep(before, "r4", 1, all)).to.deep.equal(["r3"]);
    expect(releasesToKeep(before, "r4", 2, all)).to.deep.equal(["r3", "r2"]);
    expect(releasesToKeep(before, "r2", 1, all)).to.deep.equal(["r3"]);
    expect(releasesToKeep(before, "r3", 2, all)).to.deep.equal(["r2", "r1"]);
    expect(releasesToKeep(before, "r4", 0, all)).to.deep.equal([]);
  });

  it("are none before the first update", () => {
    expect(releasesToKeep({ releases: [], keptReleases: [] }, "r1", 3, all)).to.deep.equal([]);
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

describe("what a stack's outputs say about its releases", () => {
  it("is what the last update has written, and nothing before the first", () => {
    expect(releasesIn({ outputs: { releases: ["r2", "r1"], keptReleases: ["r1"] } })).to.deep.equal({
      releases: ["r2", "r1"],
      keptReleases: ["r1"],
    });
    expect(releasesIn({ outputs: {} })).to.deep.equal({ releases: [], keptReleases: [] });
  });

  it("is an error where it cannot be read, and not that there are none", () => {
    for (const answer of [{ outputs: { releases: "[secret]" } }, { outputs: { keptReleases: [1] } }, {}]) {
      expect(() => releasesIn(answer), JSON.stringify(answer)).to.throw("releases and keptReleases cannot be read");
    }
  });
});
