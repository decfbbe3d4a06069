import { expect } from "chai";
import fc from "fast-check";
import { routingOf, stepsOf } from "../../services/codedeploy/routing";

const percentage = fc.integer({ min: 1, max: 99 });
const minutes = fc.integer({ min: 1, max: 2880 });
const anyRouting = fc.oneof(
  fc.constant({ type: "AllAtOnce" as const }),
  fc.record({ type: fc.constant("TimeBasedCanary" as const), percentage, minutes }),
  fc.record({ type: fc.constant("TimeBasedLinear" as const), percentage, minutes }),
);

describe("The routing of a traffic shift", () => {
  it("is one step for all at once", () => {
    expect(stepsOf({ type: "AllAtOnce" })).to.deep.equal([{ weight: 100, waitSeconds: 0 }]);
  });

  it("is a share, a wait, and the rest for a canary", () => {
    expect(stepsOf({ type: "TimeBasedCanary", percentage: 10, minutes: 5 })).to.deep.equal([
      { weight: 10, waitSeconds: 300 },
      { weight: 100, waitSeconds: 0 },
    ]);
  });

  it("is equal shares for a linear one, the last of them what is left", () => {
    expect(stepsOf({ type: "TimeBasedLinear", percentage: 30, minutes: 2 })).to.deep.equal([
      { weight: 30, waitSeconds: 120 },
      { weight: 60, waitSeconds: 120 },
      { weight: 90, waitSeconds: 120 },
      { weight: 100, waitSeconds: 0 },
    ]);
    expect(stepsOf({ type: "TimeBasedLinear", percentage: 50, minutes: 1 }).map(({ weight }) => weight)).to.deep.equal([
      50, 100,
    ]);
  });

  it("always rises, ends with everything, and waits only in between", () => {
    fc.assert(
      fc.property(anyRouting, (routing) => {
        const steps = stepsOf(routing);
        const weights = steps.map(({ weight }) => weight);
        expect(weights).to.deep.equal([...new Set(weights)].sort((a, b) => a - b));
        expect(weights.at(-1)).to.equal(100);
        expect(weights[0]).to.be.above(0);
        expect(steps.at(-1)?.waitSeconds).to.equal(0);
      }),
    );
  });

  it("takes the interval once for a canary and once per share for a linear one", () => {
    fc.assert(
      fc.property(percentage, minutes, (percent, interval) => {
        const total = (type: "TimeBasedCanary" | "TimeBasedLinear") =>
          stepsOf({ type, percentage: percent, minutes: interval }).reduce(
            (sum, { waitSeconds }) => sum + waitSeconds,
            0,
          );
        expect(total("TimeBasedCanary")).to.equal(interval * 60);
        expect(total("TimeBasedLinear")).to.equal((Math.ceil(100 / percent) - 1) * interval * 60);
      }),
    );
  });

  for (const [config, message] of [
    [{}, "type must be AllAtOnce, TimeBasedCanary or TimeBasedLinear"],
    [{ type: "TimeBasedCanary" }, "canaryPercentage must be between 1 and 99, got none"],
    [{ type: "TimeBasedCanary", timeBasedCanary: { canaryPercentage: 100, canaryInterval: 1 } }, "got 100"],
    [
      { type: "TimeBasedLinear", timeBasedLinear: { linearPercentage: 10, linearInterval: 2881 } },
      "between 1 and 2880 minutes, got 2881",
    ],
    [
      { type: "AllAtOnce", timeBasedCanary: { canaryPercentage: 10, canaryInterval: 1 } },
      "AllAtOnce takes no settings of another type",
    ],
  ] as const) {
    it(`is refused for ${JSON.stringify(config)}`, () => expect(() => routingOf(config)).to.throw(message));
  }
});
