import { expect } from "chai";
import { hasLocalStorage } from "../../../lib/local-storage";

describe("hasLocalStorage", () => {
  it("tells instance types with disks of their own from those with volumes", () => {
    const own = [
      "c5d",
      "c6gd",
      "m5d",
      "m6gd",
      "r5d",
      "r7gd",
      "g4dn",
      "g5",
      "g6e",
      "p3dn",
      "p4d",
      "p5en",
      "p6-b200",
      "trn1",
      "dl1",
    ];
    const none = [
      "c5",
      "c5n",
      "c6gn",
      "c7i-flex",
      "m4",
      "m5",
      "m6i",
      "r5",
      "r8g",
      "p2",
      "p3",
      "inf1",
      "inf2",
      "t2",
      "t3",
    ];
    const wrong = [...own, ...none].filter((family) => hasLocalStorage(`ml.${family}.xlarge`) !== own.includes(family));

    expect(wrong).to.deep.equal([]);
  });
});
