import { expect } from "chai";
import { Look } from "../../../cli/ui/look";
import type { Part, PartName } from "../../../cli/ui/shown";

describe("looking at AWS for the operator's page", () => {
  const told: (readonly [PartName, Part<unknown>])[] = [];
  beforeEach(() => told.splice(0));
  const listen = (name: PartName, part: Part<unknown>) => told.push([name, part]);
  const until = async (isSo: () => boolean) => {
    while (!isSo()) {
      await new Promise((wait) => setTimeout(wait, 2));
    }
  };

  it("asks once for all who look, and no more once nobody does", async () => {
    let asked = 0;
    const look = new Look({ endpoints: { everySeconds: 0.005, read: async () => (asked++, []) } });
    const stops = [look.watch(listen), look.watch(listen)];
    await until(() => asked > 2);
    expect(told.length).to.be.within(2 * asked - 4, 2 * asked);
    stops.forEach((stop) => stop());
    const before = asked;
    await new Promise((wait) => setTimeout(wait, 40));
    expect(asked).to.be.at.most(before + 1);
  });

  it("tells whoever comes later at once what is known", async () => {
    const look = new Look({ endpoints: { everySeconds: 60, read: async () => [] } });
    const stop = look.watch(() => undefined);
    await look.once();
    look.watch(listen)();
    stop();
    expect(told.map(([name]) => name)).to.deep.equal(["endpoints"]);
  });

  it("asks more and more seldom where AWS throttles, says so, and comes back", async () => {
    let asked = 0;
    const read = async () => {
      asked += 1;
      if (asked < 4) {
        throw Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });
      }
      return [];
    };
    const stop = new Look({ endpoints: { everySeconds: 0.002, read } }).watch(listen);
    await until(() => asked > 7);
    stop();
    const every = told.map(([, { everySeconds }]) => Math.round(everySeconds * 1000));
    expect(every.slice(0, 7)).to.deep.equal([4, 8, 16, 16, 8, 4, 2]);
    expect(told[0]![1].problem).to.equal("AWS throttles: asked again in 0.004 s");
    expect(told[6]![1].problem).to.equal(undefined);
  });

  it("keeps what was seen last where a part cannot be had, and all other parts", async () => {
    let isDenied = false;
    const look = new Look({
      alarms: {
        everySeconds: 60,
        read: async () => {
          if (isDenied) {
            throw Object.assign(new Error("you may not"), { name: "AccessDeniedException", $metadata: {} });
          }
          return [{ name: "a", state: "OK", reason: "" }];
        },
      },
      endpoints: { everySeconds: 60, read: async () => [] },
    });
    await look.once();
    isDenied = true;
    const parts = await look.once();
    expect(parts.get("alarms")).to.deep.include({
      value: [{ name: "a", state: "OK", reason: "" }],
      problem: "AccessDeniedException: you may not",
    });
    expect(parts.get("endpoints")!.problem).to.equal(undefined);
  });
});
