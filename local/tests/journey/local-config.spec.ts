import { expect } from "chai";
import { driftWatch, windowSeconds } from "../../journey/local-config";
import { ownModel } from "../../journey/models";
import { configSchemas } from "../../../lib/config";

describe("the config of the local run", () => {
  it("watches windows that are as long as a day of AWS's, in whole minutes, and at most a day", () => {
    expect([60, 59, 600, 1, 0.1].map(windowSeconds)).to.deep.equal([1440, 1440, 1200, 86_400, 86_400]);
  });

  it("watches for drift where the model's definition says what shifts, and nowhere else", () => {
    const model = ownModel();
    const local = { ...model.local, shifted: undefined };

    expect(driftWatch({ local }, 60)).to.deep.equal({});
    const { driftMonitor = "" } = driftWatch(model, 60);
    expect(configSchemas.prod.shape.driftMonitor.parse(driftMonitor)).to.deep.equal({
      windowSeconds: 1440,
      schedule: "rate(1 day)",
    });
  });
});
