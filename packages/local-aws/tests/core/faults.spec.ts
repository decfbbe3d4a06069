import { expect } from "chai";
import fc from "fast-check";
import { Faults, type Fault } from "../../core/faults";
import { faultSwitchboard } from "../../core/switchboard";

const KINDS = [
  "model-errors",
  "model-slow",
  "model-predictions",
  "container-unhealthy",
  "captures-lost",
  "job-fails",
  "spot-interruption",
  "function-silent",
  "account-limit",
  "aws-trouble",
];

describe("faults", () => {
  let faults: Faults;
  beforeEach(() => (faults = new Faults()));

  it("are told to the services that they concern, all kinds of one endpoint together", () => {
    const errors: Fault = { kind: "model-errors", endpoint: "a", everyNth: 50 };
    const slow: Fault = { kind: "model-slow", endpoint: "a", delaySeconds: 0.5 };
    const predictions: Fault = { kind: "model-predictions", endpoint: "b", answer: "nan" };
    [errors, slow, predictions].forEach((fault) => faults.set(fault));
    faults.set({ kind: "container-unhealthy", endpoint: "c" });
    faults.set({ kind: "captures-lost", endpoint: "d" });
    faults.set({ kind: "function-silent", functionName: "f" });
    faults.set({ kind: "job-fails", jobName: "j", reason: "capacity" });

    expect(faults.model("a")).to.deep.equal({ errors, slow, predictions: undefined });
    expect(faults.model("b")).to.deep.equal({ errors: undefined, slow: undefined, predictions });
    const asked = ["a", "c", "d", "f"];
    expect(asked.filter((name) => faults.containerUnhealthy(name))).to.deep.equal(["c"]);
    expect(asked.filter((name) => faults.capturesLost(name))).to.deep.equal(["d"]);
    expect(asked.filter((name) => faults.functionSilent(name))).to.deep.equal(["f"]);
    expect([faults.jobFails("j"), faults.jobFails("a")]).to.deep.equal(["capacity", undefined]);
    faults.set({ kind: "spot-interruption", jobName: "j", afterSeconds: 2 });
    expect([faults.spotInterruption("j"), faults.spotInterruption("a")]).to.deep.equal([2, undefined]);
  });

  it("trouble all services or those that they name", () => {
    const all: Fault = { kind: "aws-trouble", trouble: "throttling", share: 0.1 };
    const some: Fault = { kind: "aws-trouble", trouble: "server-errors", services: ["sagemaker", "codedeploy"] };
    faults.set(all);
    faults.set(some);

    expect(faults.awsTroubles("s3")).to.deep.equal([all]);
    expect(faults.awsTroubles("codedeploy")).to.deep.equal([all, some]);
    // The same services in another order are the same target.
    const instead: Fault = { ...some, trouble: "mixed", services: ["codedeploy", "sagemaker"] };
    faults.set(instead);
    expect(faults.awsTroubles("codedeploy")).to.deep.equal([all, instead]);
  });

  it("are one for each kind and target, the last that was set, until they are called off", () => {
    const endpoint = fc.constantFrom("a", "b", "c");
    const any: fc.Arbitrary<Fault> = fc.oneof(
      fc
        .tuple(endpoint, fc.nat())
        .map(([name, n]): Fault => ({ kind: "model-errors", endpoint: name, everyNth: n + 1 })),
      fc.tuple(endpoint, fc.nat()).map(([name, n]): Fault => ({ kind: "model-slow", endpoint: name, delaySeconds: n })),
    );
    const byKey = (all: readonly Fault[]) =>
      Object.fromEntries(all.map((fault) => [`${fault.kind} ${"endpoint" in fault ? fault.endpoint : ""}`, fault]));
    fc.assert(
      fc.property(fc.array(any), (all) => {
        all.forEach((each) => faults.set(each));
        expect(byKey(faults.list())).to.deep.equal(byKey(all));
        expect(faults.list()).to.have.length(Object.keys(byKey(all)).length);
        faults.clear();
        expect(faults.list()).to.deep.equal([]);
      }),
    );
  });

  it("are refused if a value is out of its range", () => {
    const wrong: readonly Fault[] = [
      { kind: "model-errors", endpoint: "a", everyNth: 0 },
      { kind: "model-slow", endpoint: "a", delaySeconds: -1 },
      { kind: "aws-trouble", trouble: "mixed", share: 2 },
      { kind: "aws-trouble", trouble: "mixed", services: [] },
    ];
    for (const fault of wrong) {
      expect(() => faults.set(fault)).to.throw(/^not a fault: /);
    }
    expect(faults.list()).to.deep.equal([]);
  });
});

describe("the switchboard of faults", () => {
  let faults: Faults;
  beforeEach(() => (faults = new Faults()));

  const call = async (method: string, path = "/_local/faults", body = "") => {
    const request = { method, path, query: new URLSearchParams(), headers: {}, body: Buffer.from(body) };
    const response = await faultSwitchboard(faults, { speed: 60 }).handle(request);
    return { status: response.status, body: JSON.parse(String(response.body)) as unknown };
  };
  const put = (fault: unknown) => call("PUT", undefined, JSON.stringify(fault));
  const FAULT = { kind: "model-errors", endpoint: "mlops-prd-r2", afterInvocations: 3 } as const;

  it("tells how fast time passes", async () => {
    expect(await call("GET", "/_local/clock")).to.deep.equal({ status: 200, body: { speed: 60 } });
  });

  it("sets, lists and clears faults", async () => {
    expect(await put(FAULT)).to.deep.equal({ status: 200, body: [FAULT] });
    expect(faults.model("mlops-prd-r2").errors).to.deep.equal(FAULT);
    expect(await call("GET")).to.deep.equal({ status: 200, body: [FAULT] });
    expect(await call("DELETE")).to.deep.equal({ status: 200, body: [] });
    expect(faults.list()).to.deep.equal([]);
  });

  it("calls off the faults of one kind, or one of them", async () => {
    const trouble = { kind: "aws-trouble", trouble: "mixed", services: ["s3", "kms"] };
    const everywhere = { kind: "aws-trouble", trouble: "mixed" };
    const all = [FAULT, { ...FAULT, endpoint: "b" }, { kind: "captures-lost", endpoint: "b" }, trouble, everywhere];
    for (const fault of all) {
      expect((await put(fault)).status).to.equal(200);
    }

    const remove = async (rest: string) => (await call("DELETE", `/_local/faults/${rest}`)).body;
    expect(await remove("model-errors/b")).to.deep.equal([FAULT, all[2], trouble, everywhere]);
    expect(await remove("model-errors/nobody")).to.deep.equal([FAULT, all[2], trouble, everywhere]);
    expect(await remove("model-errors")).to.deep.equal([all[2], trouble, everywhere]);
    expect(await remove("aws-trouble/kms%2Cs3")).to.deep.equal([all[2], everywhere]);
    expect(await remove("aws-trouble/*")).to.deep.equal([all[2]]);
  });

  it("says what is wrong with a fault and which kinds there are, and sets nothing", async () => {
    const wrong = {
      "": "not JSON",
      "[]": "expected object",
      '{"kind":"model-errors"}': "endpoint",
      '{"kind":"model-errors","endpoint":""}': "endpoint",
      '{"kind":"flood","endpoint":"a"}': "kind",
      '{"kind":"model-errors","endpoint":"a","afterInvocations":-1}': "afterInvocations",
      '{"kind":"model-errors","endpoint":"a","endpiont":"b"}': "endpiont",
      '{"kind":"model-predictions","endpoint":"a","answer":"inf"}': "answer",
      '{"kind":"function-silent","endpoint":"a"}': "functionName",
      '{"kind":"aws-trouble","trouble":"flood"}': "trouble",
    };
    for (const [body, problem] of Object.entries(wrong)) {
      const answer = await call("PUT", undefined, body);
      expect(answer.status).to.equal(400);
      expect(answer.body).to.have.property("__type", "ValidationException");
      expect(answer.body)
        .to.have.property("message")
        .that.matches(/^not a fault: /)
        .and.contains(problem)
        .and.contains(`The kinds are ${KINDS.join(", ")}; GET /_local/faults/kinds describes them.`);
    }
    expect(faults.list()).to.deep.equal([]);
    const unknown = await call("DELETE", "/_local/faults/flood/a");
    expect(unknown.status).to.equal(400);
    expect(unknown.body).to.have.property("message").that.contains("there is no kind flood");
  });

  it("describes every kind, and every value of it", async () => {
    interface Described {
      readonly description?: string;
      readonly required: readonly string[];
      readonly properties: Readonly<Record<string, { readonly description?: string }>>;
    }
    const { body } = await call("GET", "/_local/faults/kinds");
    const kinds = body as Readonly<Record<string, Described>>;
    expect(Object.keys(kinds)).to.deep.equal(KINDS);
    for (const { description, required, properties } of Object.values(kinds)) {
      expect(description).to.be.a("string").that.is.not.empty;
      expect(required).to.include("kind");
      for (const [name, value] of Object.entries(properties).filter(([key]) => key !== "kind")) {
        expect(value.description, name).to.be.a("string").that.is.not.empty;
      }
    }
  });

  it("is found nowhere else", async () => {
    expect(await call("POST")).to.deep.include({ status: 405 });
    for (const path of ["/_local/other", "/_local/faultsome"]) {
      expect((await call("GET", path)).body).to.include({
        __type: "NotFound",
        message: `${path} is not here; /_local/faults is`,
      });
    }
    expect(await call("PUT", "/_local/faults/model-errors", JSON.stringify(FAULT))).to.deep.include({ status: 404 });
    expect(faults.list()).to.deep.equal([]);
  });
});
