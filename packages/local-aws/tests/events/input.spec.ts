import { expect } from "chai";
import { checkInput, inputOf } from "../../services/events/input";

const EVENT = {
  id: "e1",
  time: "2026-02-01T10:00:00Z",
  resources: ["arn:one"],
  detail: { alarmName: 'say "hi"', state: { value: "ALARM", count: 3 } },
};
const RULE = { ruleArn: "arn:rule", ruleName: "retrain" };
const transformed = (InputTemplate: string, InputPathsMap: Record<string, string> = {}) => {
  const target = { InputTransformer: { InputTemplate, InputPathsMap } };
  checkInput(target);
  return inputOf(target, EVENT, RULE);
};

describe("what a target is sent of an event", () => {
  it("is the event, or a constant, or a part of it", () => {
    expect(JSON.parse(inputOf({}, EVENT, RULE))).to.deep.equal(EVENT);
    expect(inputOf({ Input: '{"a":1}' }, EVENT, RULE)).to.equal('{"a":1}');
    expect(inputOf({ InputPath: "$.detail.state" }, EVENT, RULE)).to.equal('{"value":"ALARM","count":3}');
    expect(inputOf({ InputPath: "$.resources[0]" }, EVENT, RULE)).to.equal('"arn:one"');
  });

  it("is a template with variables, as text inside quotes and as JSON outside of them", () => {
    const paths = { name: "$.detail.alarmName", state: "$.detail.state", count: "$.detail.state.count", none: "$.no" };
    expect(transformed('"The alarm <name> counted <count>: <state><none>."', paths)).to.equal(
      '"The alarm say \\"hi\\" counted 3: {\\"value\\":\\"ALARM\\",\\"count\\":3}."',
    );
    const json: unknown = JSON.parse(transformed('{"name": <name>, "state": <state>, "quoted\\"": "<count>"}', paths));
    expect(json).to.deep.equal({ name: 'say "hi"', state: EVENT.detail.state, 'quoted"': "3" });
  });

  it("may name the rule and the event", () => {
    expect(transformed('"<aws.events.rule-name> <aws.events.rule-arn> <aws.events.event.ingestion-time>"')).to.equal(
      '"retrain arn:rule 2026-02-01T10:00:00Z"',
    );
    expect(JSON.parse(transformed("<aws.events.event.json>"))).to.deep.equal(EVENT);
    expect(JSON.parse(transformed("<aws.events.event>"))).not.to.have.property("detail");
  });

  it("is refused where no event could be brought into it", () => {
    expect(() => checkInput({ Input: "{", InputPath: undefined })).to.throw("JSON syntax error");
    expect(() => checkInput({ Input: "1", InputPath: "$.detail" })).to.throw("Only one of Input, InputPath");
    expect(() => checkInput({ InputPath: "$..detail" })).to.throw("Invalid InputPath: $..detail");
    expect(() => transformed('"<other>"')).to.throw("names <other>");
  });
});
