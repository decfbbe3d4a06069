import { join } from "node:path";
import { expect } from "chai";
import type { StackConfig } from "../../../lib/config";
import { readModel } from "../../../lib/model";
import { sentByCanary } from "../../../stacks/api-canary";

const ROOT = join(__dirname, "../../..");
const sent = (folder: string, canary: StackConfig<"prod">["canary"]) =>
  sentByCanary({ canary } as StackConfig<"prod">, readModel(join(ROOT, folder)));

describe("what the canary of stack prod sends", () => {
  it("is the first of the model's known rows, as often as it runs", () => {
    expect(sent("model", {})).to.deep.equal({ row: "5.98,1,1.03", intervalMinutes: 10 });
    expect(sent("examples/churn", { intervalMinutes: 5 })).to.deep.include({ intervalMinutes: 5 });
    expect(sent("examples/churn", {})?.row).to.match(/^2,95,,,5,3,,/);
  });

  it("is nothing where there is none", () => {
    expect(sent("model", false)).to.equal(undefined);
  });
});
