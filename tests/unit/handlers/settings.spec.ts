import { expect } from "chai";
import { booleanSetting, knownRequests, modelFormat, numberSetting, setting } from "../../../handlers/settings";
import { environment } from "./lambda";

describe("settings of a function", () => {
  environment({ A_SETTING: undefined });

  const bad: [string, (name: string) => unknown, string | undefined, string][] = [
    ["is missing", setting, undefined, "the function's environment has no A_SETTING"],
    ["is empty", setting, "", "the function's environment has no A_SETTING"],
    ["is no number", numberSetting, "ten", `A_SETTING in the function's environment must be a number, got "ten"`],
    [
      "is not finite",
      numberSetting,
      "Infinity",
      `A_SETTING in the function's environment must be a number, got "Infinity"`,
    ],
    [
      "is neither true nor false",
      booleanSetting,
      "yes",
      `A_SETTING in the function's environment must be "true" or "false", got "yes"`,
    ],
  ];
  for (const [what, read, value, message] of bad) {
    it(`are refused by name where one ${what}`, () => {
      if (value !== undefined) {
        process.env.A_SETTING = value;
      }
      expect(() => read("A_SETTING"))
        .to.throw(Error, message)
        .that.has.property("message", message);
    });
  }

  it("are read as what they are", () => {
    const read = <T>(reader: (name: string) => T, value: string) => {
      process.env.A_SETTING = value;
      return reader("A_SETTING");
    };
    expect(read(setting, "x")).to.equal("x");
    expect(read(numberSetting, "-2.5")).to.equal(-2.5);
    expect([read(booleanSetting, "true"), read(booleanSetting, "false")]).to.deep.equal([true, false]);
  });
});

describe("what a function knows of its model", () => {
  environment({ MODEL_REQUEST: undefined, ACCEPT: undefined, KNOWN_REQUESTS: undefined });

  it("is read from its environment", () => {
    expect(modelFormat()).to.deep.equal({ request: { columns: undefined }, accept: undefined });

    process.env.MODEL_REQUEST = '{"contentType":"image/jpeg","accept":"application/json"}';
    process.env.ACCEPT = '{"type":"json","path":"a.*.b","value":{"type":"label"}}';
    process.env.KNOWN_REQUESTS = '[{"body":"x","isBase64Encoded":true}]';
    expect(modelFormat()).to.deep.equal({
      request: { contentType: "image/jpeg", accept: "application/json" },
      accept: { type: "json", path: "a.*.b", value: { type: "label" } },
    });
    expect(knownRequests()).to.deep.equal([{ body: "x", isBase64Encoded: true }]);
  });

  const bad: [string, () => unknown, string][] = [
    ["MODEL_REQUEST", modelFormat, '{"columns":[{"type":"date"}]}'],
    ["ACCEPT", modelFormat, '{"type":"number","minimum":"0"}'],
    ["KNOWN_REQUESTS", knownRequests, "[]"],
    ["KNOWN_REQUESTS", knownRequests, "no JSON"],
  ];
  for (const [name, read, value] of bad) {
    it(`is refused by name where ${name} is ${value}`, () => {
      process.env[name] = value;
      expect(read).to.throw(`${name} in the function's environment is not what it must be, got ${value}`);
    });
  }
});
