import { readFileSync } from "node:fs";
import { expect } from "chai";
import { z } from "zod";
import { reported } from "../../../lib/errors";

describe("an error as it is reported in the end", () => {
  const thrown = (fail: () => unknown): unknown => {
    try {
      return fail();
    } catch (error) {
      return error;
    }
  };
  const nothing: unknown = undefined;

  it("has its stack where nobody has foreseen it, also as the cause of another, and once", () => {
    for (const fail of [
      () => (nothing as string).length,
      (): unknown => JSON.parse("{"),
      () => z.string().parse(1),
      () => "a".repeat(-1),
    ]) {
      const error = thrown(fail) as Error;
      for (const each of [error, new Error("the rollout has failed", { cause: error })]) {
        const { message } = reported(reported(each));
        expect(message).to.contain("This is a defect");
        expect(message.split("errors.spec.ts").length, message).to.be.greaterThan(1);
        expect(message.split("This is a defect")).to.have.length(2);
      }
    }
  });

  it("is its message alone where it was written for people, or comes from AWS or the system", () => {
    const aws = Object.assign(new Error("not authorized"), { name: "AccessDenied", $metadata: {} });
    const system = thrown(() => new URL("no address"));
    for (const error of [new Error("wrong release"), aws, system, "text"]) {
      expect(reported(error).message).not.to.match(/defect|\n/);
    }
  });

  it("tells the system's name for it once", () => {
    const { message } = reported(thrown(() => readFileSync("none.csv")));
    expect(message).to.equal("ENOENT: no such file or directory, open 'none.csv'");
  });

  it("keeps what the engine needs of a resource that is there", () => {
    const kept = Object.assign(new Error("failed", { cause: thrown(() => JSON.parse("")) }), {
      id: "i",
      properties: {},
    });

    expect(reported(kept)).to.deep.include({ id: "i", properties: {} });
  });
});
