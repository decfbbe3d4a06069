import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import type { Account } from "../../core/account";
import { AwsError, notImplemented } from "../../core/aws-error";
import type { Recipients } from "../../core/recipients";
import type { AlarmChange } from "./alarm";
import { stateChangeDetail } from "./alarm-event";
import { alarmMessage, alarmSubject } from "./alarm-message";
import { isoText } from "./alarm-reason";

/** Where alarms tell what they have to tell, and what AWS calls the region that they are in. */
export interface AlarmTelling {
  readonly recipients: Recipients;
  readonly regionName: string;
}

const ACTION = /^arn:aws:(sns|lambda):([a-z0-9-]+):(\d{12}):(.+)$/;

/**
 * What an alarm can do here when it changes its state: tell a topic, or call a function.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
 *
 * @throws AwsError `ValidationError` for another region's, which AWS refuses too; `NotImplemented` for what AWS would take
 */
export function checkAction({ region, accountId }: Account, action: string): void {
  const [, service, ofRegion, ofAccount, resource = ""] = ACTION.exec(action) ?? [];
  const isKnown = service === "sns" ? /^[\w-]+$/.test(resource) : resource.startsWith("function:");
  if (ofRegion !== undefined && ofRegion !== region) {
    throw new AwsError("ValidationError", `Invalid region ${ofRegion} specified. Only ${region} is supported.`);
  }
  if (!isKnown || ofAccount !== accountId) {
    throw notImplemented(
      "CloudWatch",
      `PutMetricAlarm with the action ${action} (it has standard SNS topics and Lambda functions of account ${accountId})`,
    );
  }
}

/** The actions of an alarm for the state that it has come to. */
export function actionsFor({
  ActionsEnabled,
  AlarmActions,
  OKActions,
  InsufficientDataActions,
  StateValue,
}: MetricAlarm) {
  const actions = { ALARM: AlarmActions, OK: OKActions, INSUFFICIENT_DATA: InsufficientDataActions };
  return ActionsEnabled === false || StateValue === undefined ? [] : (actions[StateValue] ?? []);
}

/** Carries an action out. Returns what was published to a topic. @throws where it cannot be, such as where a policy does not let it */
export async function carryOut(
  action: string,
  change: AlarmChange,
  account: Account,
  { recipients, regionName }: AlarmTelling,
): Promise<string | undefined> {
  const sourceArn = change.alarmArn;
  if (action.startsWith("arn:aws:lambda:")) {
    const sender = { service: "lambda.alarms.cloudwatch.amazonaws.com", sourceArn };
    await recipients.invoke(action, JSON.stringify(functionEvent(change, account)), sender);
    return undefined;
  }
  const message = alarmMessage(change, account, regionName);
  // A topic's default policy lets in whatever its owner has, which it tells by this key.
  const context = { "AWS:SourceOwner": account.accountId };
  await recipients.publish(
    action,
    { subject: alarmSubject(change, regionName), message },
    { service: "cloudwatch.amazonaws.com", sourceArn, context },
  );
  return message;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html */
function functionEvent({ alarmArn, definition, previous, state }: AlarmChange, { accountId, region }: Account) {
  return {
    source: "aws.cloudwatch",
    alarmArn,
    accountId,
    time: isoText(state.updatedAt),
    region,
    alarmData: stateChangeDetail(definition, previous, state),
  };
}
