import { expect } from "chai";
import {
  booleanSetting,
  listSetting,
  numberSetting,
  optionalNumberSetting,
  optionalRangesSetting,
  setting,
} from "../../../handlers/settings";
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
      "may be missing, and is no number",
      optionalNumberSetting,
      "ten",
      `A_SETTING in the function's environment must be a number, got "ten"`,
    ],
    [
      "may be missing, and is no list of ranges",
      optionalRangesSetting,
      "[[0,1],[1]]",
      "A_SETTING in the function's environment must be a JSON list of [minimum, maximum], got [[0,1],[1]]",
    ],
    [
      "is neither true nor false",
      booleanSetting,
      "yes",
      `A_SETTING in the function's environment must be "true" or "false", got "yes"`,
    ],
    [
      "is no JSON",
      listSetting,
      "1,2",
      "A_SETTING in the function's environment must be a JSON list of strings, got 1,2",
    ],
    [
      "is an empty list",
      listSetting,
      "[]",
      "A_SETTING in the function's environment must be a JSON list of strings, got []",
    ],
    [
      "lists numbers",
      listSetting,
      "[1]",
      "A_SETTING in the function's environment must be a JSON list of strings, got [1]",
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
    expect([read(optionalNumberSetting, "0"), read(optionalNumberSetting, "")]).to.deep.equal([0, undefined]);
    Reflect.deleteProperty(process.env, "A_SETTING");
    expect(optionalNumberSetting("A_SETTING")).to.equal(undefined);
    expect([read(booleanSetting, "true"), read(booleanSetting, "false")]).to.deep.equal([true, false]);
    expect(read(listSetting, '["1,2", "3,4"]')).to.deep.equal(["1,2", "3,4"]);
  });
});
