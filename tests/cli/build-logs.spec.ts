import { expect } from "chai";
import { complaintOf } from "../../cli/pipeline/build-logs";

describe("what a failed build complains of", () => {
  it("is the last error that its programs tell, with all its lines and none of CodeBuild's", () => {
    const log = [
      "[Container] 2026/11/24 07:49:55.123000 Running command node dist/pipeline/deploy.js",
      "error: an earlier one",
      "going back",
      "error: release r3 is not live: deployment d-1 stopped",
      "  alarm model-faults is in ALARM",
      "Live now: release r2",
      "[Container] 2026/11/24 07:49:59.123000 Command did not exit successfully node dist/pipeline/deploy.js exit status 1",
    ];

    expect(complaintOf(log)).to.equal(
      "release r3 is not live: deployment d-1 stopped\n  alarm model-faults is in ALARM\nLive now: release r2",
    );
  });

  it("is nothing where they tell none", () => {
    expect(complaintOf(["[Container] 2026/11/24 07:49:55.123000 Phase complete: INSTALL State: FAILED"])).to.equal(
      undefined,
    );
  });
});
