import {
  action,
  askJson,
  given,
  local,
  named,
  on,
  passing,
  passRole,
  whenGiven,
  withContext,
  type Call,
  type Rules,
} from "./call";

const alarm = named("alarm:{AlarmName}");
const alarms = (call: Call) => call.input.texts("AlarmNames").map((name) => local(call, `alarm:${name}`));
/** Dashboards belong to no region. */
const dashboard = (call: Call) =>
  `arn:aws:cloudwatch::${call.account.accountId}:dashboard/${call.input.text("DashboardName")}`;
const namespace = ({ input }: Call) => ({ "cloudwatch:namespace": input.text("Namespace") });

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html */
export const CLOUDWATCH: Rules = {
  PutMetricAlarm: on(alarm, whenGiven("Tags", action(alarm, "cloudwatch:TagResource"))),
  DescribeAlarms: on((call) => local(call, "alarm:*")),
  DescribeAlarmHistory: on((call) => local(call, `alarm:${call.input.text("AlarmName") || "*"}`)),
  DeleteAlarms: on(alarms),
  EnableAlarmActions: on(alarms),
  DisableAlarmActions: on(alarms),
  SetAlarmState: on(alarm),
  PutMetricData: withContext(on(), namespace),
  GetMetricData: on(),
  GetMetricStatistics: on(),
  GetMetricWidgetImage: on(),
  ListMetrics: on(),
  PutDashboard: on(dashboard),
  GetDashboard: on(dashboard),
  DeleteDashboards: on(({ input, account }) =>
    input.texts("DashboardNames").map((name) => `arn:aws:cloudwatch::${account.accountId}:dashboard/${name}`),
  ),
  ListDashboards: on(),
  TagResource: on(given("ResourceARN")),
  UntagResource: on(given("ResourceARN")),
  ListTagsForResource: on(given("ResourceARN")),
};

/** A log group's ARN goes on with its streams, also where a call is about the group: a policy must end in `:*`. */
const logGroup = (call: Call) => {
  const identifier = call.input.text("logGroupName") || call.input.text("logGroupIdentifier");
  const name = identifier.replace(/^arn:.*:log-group:/, "").replace(/:\*$/, "");
  return local(call, `log-group:${name}:log-stream:${call.input.text("logStreamName")}`);
};
const groupAlone = named("log-group:{logGroupName}");

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html */
export const LOGS: Rules = {
  ...Object.fromEntries(
    [
      "CreateLogGroup",
      "DeleteLogGroup",
      "CreateLogStream",
      "DeleteLogStream",
      "PutLogEvents",
      "GetLogEvents",
      "FilterLogEvents",
      "DescribeLogStreams",
      "PutRetentionPolicy",
      "DeleteRetentionPolicy",
      "AssociateKmsKey",
      "DisassociateKmsKey",
      "StartQuery",
    ].map((operation) => [operation, on(logGroup)] as const),
  ),
  CreateLogGroup: on(logGroup, whenGiven("tags", action(groupAlone, "logs:TagResource"))),
  DescribeLogGroups: on((call) => local(call, "log-group::log-stream:")),
  TagResource: on(given("resourceArn")),
  UntagResource: on(given("resourceArn")),
  ListTagsForResource: on(given("resourceArn")),
};

/** The ARN of the key that a call means by id, ARN or alias. */
async function key(call: Call): Promise<string> {
  const { input, door } = call;
  const KeyId = input.text("KeyId") || input.text("TargetKeyId") || keyOfCiphertext(input.text("CiphertextBlob"));
  const found = await askJson(door, "kms", "TrentService.DescribeKey", { KeyId });
  return found.at("KeyMetadata").text("Arn") || (KeyId.startsWith("arn:") ? KeyId : local(call, `key/${KeyId || "*"}`));
}

/** What moto encrypts begins with the id of the key. */
function keyOfCiphertext(blob: string): string {
  const id = Buffer.from(blob, "base64").subarray(0, 36).toString("latin1");
  return /^[0-9a-f-]{36}$/.test(id) ? id : "";
}

const encryptionContext = ({ input }: Call) => ({
  "kms:GrantIsForAWSResource": "false",
  ...Object.fromEntries(
    input
      .at("EncryptionContext")
      .entries()
      .map(([name, text]) => [`kms:EncryptionContext:${name}`, text]),
  ),
});
const alias = named("{AliasName}");

/** https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html; keys' own policies are not asked. */
export const KMS: Rules = {
  ...Object.fromEntries(
    [
      "DescribeKey",
      "GetKeyPolicy",
      "PutKeyPolicy",
      "GetKeyRotationStatus",
      "EnableKeyRotation",
      "DisableKeyRotation",
      "ScheduleKeyDeletion",
      "CancelKeyDeletion",
      "UpdateKeyDescription",
      "ListResourceTags",
      "ListKeyPolicies",
      "TagResource",
      "UntagResource",
    ].map((operation) => [operation, on(key)] as const),
  ),
  ...Object.fromEntries(
    ["Encrypt", "Decrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "CreateGrant"].map(
      (operation) => [operation, withContext(on(key), encryptionContext)] as const,
    ),
  ),
  CreateKey: on(
    undefined,
    whenGiven(
      "Tags",
      action(() => "*", "kms:TagResource"),
    ),
  ),
  CreateAlias: on(alias, action(key)),
  UpdateAlias: on(alias, action(key)),
  DeleteAlias: on(alias, action(keyOfAlias)),
  ListAliases: on(),
  ListKeys: on(),
};

async function keyOfAlias({ input, door }: Call): Promise<readonly string[]> {
  const found = await askJson(door, "kms", "TrentService.DescribeKey", { KeyId: input.text("AliasName") });
  const arn = found.at("KeyMetadata").text("Arn");
  return arn === "" ? [] : [arn];
}

const rule = named("rule/{Name}");
const ruleOfTargets = named("rule/{Rule}");

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html */
export const EVENTS: Rules = {
  PutRule: on(rule, passRole("RoleArn", "events.amazonaws.com"), whenGiven("Tags", action(rule, "events:TagResource"))),
  DescribeRule: on(rule),
  EnableRule: on(rule),
  DisableRule: on(rule),
  DeleteRule: on(rule),
  PutTargets: on(ruleOfTargets, ({ input }) =>
    input
      .items("Targets")
      .filter((target) => target.has("RoleArn"))
      .map((target) => passing(target.text("RoleArn"), "events.amazonaws.com")),
  ),
  RemoveTargets: on(ruleOfTargets),
  ListTargetsByRule: on(ruleOfTargets),
  ListRules: on(),
  ListRuleNamesByTarget: on(),
  PutEvents: on((call) => local(call, "event-bus/default")),
  TestEventPattern: on(),
  TagResource: on(given("ResourceARN")),
  UntagResource: on(given("ResourceARN")),
  ListTagsForResource: on(given("ResourceARN")),
};

async function secret(call: Call): Promise<string> {
  const SecretId = call.input.text("SecretId");
  const found = await askJson(call.door, "secretsmanager", "secretsmanager.DescribeSecret", { SecretId });
  return found.text("ARN") || (SecretId.startsWith("arn:") ? SecretId : local(call, `secret:${SecretId}`));
}

export const SECRETS: Rules = { GetSecretValue: on(secret), DescribeSecret: on(secret) };

const parameter = (call: Call, name: string) => local(call, `parameter/${name.replace(/^\//, "")}`);

export const PARAMETERS: Rules = {
  GetParameter: on((call) => parameter(call, call.input.text("Name"))),
  GetParameters: on((call) => call.input.texts("Names").map((name) => parameter(call, name))),
};

const imageRepository = named("repository/{repositoryName}");

export const REGISTRY: Rules = {
  GetAuthorizationToken: on(),
  ...Object.fromEntries(
    ["BatchCheckLayerAvailability", "GetDownloadUrlForLayer", "BatchGetImage", "DescribeRepositories"].map(
      (operation) => [operation, on(imageRepository)] as const,
    ),
  ),
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_servicequotas.html */
export const QUOTAS: Rules = { ListServiceQuotas: on() };
