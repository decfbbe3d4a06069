import { AddPermissionCommand, GetPolicyCommand, LambdaClient, RemovePermissionCommand } from "@aws-sdk/client-lambda";
import type { Aws } from "../aws";
import { unlessGone } from "../failures";
import { text, textMeaning } from "../kinds";
import { autoNamed, optional, required } from "../properties";
import { recorded, resource } from "../resource";
import { type Value, type Values, isBlock, isList, parseJson } from "../values";

const GONE = ["ResourceNotFoundException"];
const lambda = (aws: Aws) => aws.client(LambdaClient);

/** A function, told by its name or its ARN. */
const functionReference = textMeaning((value) => value.replace(/^arn:.*:function:/, ""));

/** A caller, told by a service's name, an account's number or an ARN. AWS answers the number as the ARN of the account's root. */
const principal = textMeaning((value) => value.replace(/^arn:aws:iam::(\d{12}):root$/, "$1"));

const replaces = { replaces: true };

/** A statement of a function's policy never changes: another one takes its place. */
const permission = resource({
  type: "aws:lambda/permission:Permission",
  inputs: {
    statementId: autoNamed(text, { maxLength: 100 }),
    function: required(functionReference, replaces),
    qualifier: optional(text, replaces),
    action: required(text, replaces),
    principal: required(principal, replaces),
    sourceArn: optional(text, replaces),
    sourceAccount: optional(text, replaces),
  },
  outputs: [],
  identity: ["function", "qualifier", "statementId"],
  async create({ aws, inputs }) {
    await lambda(aws).send(
      new AddPermissionCommand({
        FunctionName: inputs.function,
        Qualifier: inputs.qualifier,
        StatementId: inputs.statementId,
        Action: inputs.action,
        Principal: inputs.principal,
        SourceArn: inputs.sourceArn,
        SourceAccount: inputs.sourceAccount,
      }),
    );
    return inputs.statementId;
  },
  async read({ aws, id, inputs }) {
    const FunctionName = recorded(inputs.function, "function");
    const request = new GetPolicyCommand({ FunctionName, Qualifier: inputs.qualifier });
    const found = await unlessGone(GONE, () => lambda(aws).send(request));
    const statement = found && statements(found.Policy ?? "{}").find(({ Sid }) => Sid === id);
    return (
      statement && {
        inputs: {
          statementId: id,
          function: FunctionName,
          qualifier: inputs.qualifier,
          action: statement.Action,
          principal: isBlock(statement.Principal) ? Object.values(statement.Principal)[0] : statement.Principal,
          sourceArn: condition(statement, "AWS:SourceArn"),
          sourceAccount: condition(statement, "AWS:SourceAccount"),
        },
        outputs: {},
      }
    );
  },
  async delete({ aws, id, inputs: { function: FunctionName, qualifier: Qualifier } }) {
    const request = new RemovePermissionCommand({ FunctionName, Qualifier, StatementId: id });
    await unlessGone(GONE, () => lambda(aws).send(request));
  },
});

function statements(policy: string): readonly Values[] {
  const document = parseJson(policy);
  const list = isBlock(document) ? document.Statement : undefined;
  return isList(list) ? list.filter(isBlock) : [];
}

/** The value that a statement asks of a key, whatever the operator; the case of keys does not count in IAM. */
function condition(statement: Values, key: string): Value | undefined {
  const operators = isBlock(statement.Condition) ? Object.values(statement.Condition).filter(isBlock) : [];
  return operators
    .flatMap((operator) => Object.entries(operator))
    .find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
}

export const resources = [permission];
