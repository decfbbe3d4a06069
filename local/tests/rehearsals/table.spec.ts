import { expect } from "chai";
import { tableOf } from "../../rehearsals/table";

describe("the table of rehearsals", () => {
  it("has a line for each, and what is wrong below it", () => {
    const lines = tableOf([
      {
        scenario: "model-errors",
        live: "blue",
        expected: "blue",
        failedRequests: 4,
        totalRequests: 312,
        secondsToSafety: 3.25,
        ok: true,
      },
      {
        scenario: "no-traffic",
        live: "nothing",
        expected: "green",
        failedRequests: 0,
        totalRequests: 0,
        secondsToSafety: 0,
        ok: false,
        problems: ["nothing is live at the end, and green was to be", "the update failed:\nno endpoint"],
      },
    ]);

    expect(lines).to.deep.equal([
      "scenario      live     expected  requests failed  seconds to safety  verdict",
      "------------  -------  --------  ---------------  -----------------  -------",
      "model-errors  blue     blue             4 of 312                3.3  ok",
      "no-traffic    nothing  green              0 of 0                0.0  NOT OK",
      "    nothing is live at the end, and green was to be",
      "    the update failed:",
      "    no endpoint",
    ]);
  });
});
