import { expect } from "chai";
import fc from "fast-check";
import { Faults } from "../../../../local/core/faults";
import { faultSwitchboard } from "../../../../local/core/switchboard";

describe("faults", () => {
  it("make the model of one endpoint fail from the first request on, or after some", () => {
    const faults = new Faults();
    faults.set({ kind: "model-errors", endpoint: "a" });
    faults.set({ kind: "model-errors", endpoint: "b", afterInvocations: 2 });
    expect(faults.modelFails("a", 0)).to.equal(true);
    expect([0, 1, 2, 3].map((answered) => faults.modelFails("b", answered))).to.deep.equal([false, false, true, true]);
    expect(faults.modelFails("c", 100)).to.equal(false);
  });

  it("are one for each endpoint, the last that was set, until they are cleared", () => {
    const names = fc.array(fc.record({ endpoint: fc.constantFrom("a", "b", "c"), afterInvocations: fc.nat() }));
    fc.assert(
      fc.property(names, (all) => {
        const faults = new Faults();
        all.forEach((each) => faults.set({ kind: "model-errors", ...each }));
        const last = new Map(all.map((each) => [each.endpoint, each.afterInvocations]));
        expect(new Map(faults.list().map((each) => [each.endpoint, each.afterInvocations]))).to.deep.equal(last);
        faults.clear();
        expect(faults.list()).to.deep.equal([]);
      }),
    );
  });
});

describe("the switchboard of faults", () => {
  let faults: Faults;
  beforeEach(() => (faults = new Faults()));

  const call = async (method: string, body = "", path = "/_local/faults") => {
    const request = { method, path, query: new URLSearchParams(), headers: {}, body: Buffer.from(body) };
    const response = await faultSwitchboard(faults).handle(request);
    return { status: response.status, body: JSON.parse(String(response.body)) as unknown };
  };
  const FAULT = { kind: "model-errors", endpoint: "mlops-prd-r2", afterInvocations: 3 } as const;

  it("sets, lists and clears faults", async () => {
    expect(await call("PUT", JSON.stringify(FAULT))).to.deep.equal({ status: 200, body: [FAULT] });
    expect(faults.modelFails("mlops-prd-r2", 3)).to.equal(true);
    expect(await call("GET")).to.deep.equal({ status: 200, body: [FAULT] });
    expect(await call("DELETE")).to.deep.equal({ status: 200, body: [] });
    expect(faults.list()).to.deep.equal([]);
  });

  it("says what is wrong with a fault, and sets nothing", async () => {
    const wrong = {
      "": "not JSON",
      '{"kind":"model-errors"}': "endpoint",
      '{"kind":"model-errors","endpoint":""}': "endpoint",
      '{"kind":"flood","endpoint":"a"}': "kind",
      '{"kind":"model-errors","endpoint":"a","afterInvocations":-1}': "afterInvocations",
      '{"kind":"model-errors","endpoint":"a","endpiont":"b"}': "endpiont",
    };
    for (const [body, problem] of Object.entries(wrong)) {
      const answer = await call("PUT", body);
      expect(answer.status).to.equal(400);
      expect(answer.body).to.have.property("__type", "ValidationException");
      expect(answer.body)
        .to.have.property("message")
        .that.matches(/^not a fault: /)
        .and.contains(problem);
    }
    expect(faults.list()).to.deep.equal([]);
  });

  it("has one address and three methods", async () => {
    expect(await call("POST")).to.deep.include({ status: 405 });
    expect((await call("GET", "", "/_local/other")).body).to.include({
      __type: "NotFound",
      message: "/_local/other is not here; /_local/faults is",
    });
  });
});
